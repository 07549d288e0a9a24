namespace Flotilla.ClusterCore.Storage.Embedded.Index;

/// <summary>
/// A node of a persistent B+ tree: once its batch is published it never changes, so that readers need no lock. The batch
/// that made a node (<see cref="Edit"/>) may change it in place until then.
/// </summary>
internal abstract class KeyTreeNode(long edit)
{
    public const int Capacity = 48;

    public long Edit { get; } = edit;

    public int Count { get; set; }

    /// <summary>Keys below that are not tombstones.</summary>
    public int Live { get; set; }
}

/// <summary>The newest version of each key, sorted by key.</summary>
internal sealed class KeyTreeLeaf(long edit) : KeyTreeNode(edit)
{
    public KeyValue[] Items { get; } = new KeyValue[Capacity];

    /// <returns>The index of the key, or the complement of where it belongs.</returns>
    public int Search(ReadOnlySpan<byte> key)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = Items[middle].Key.Span.SequenceCompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }
}

/// <summary>Child <c>i</c> holds the keys from separator <c>i - 1</c> up to, not including, separator <c>i</c>.</summary>
internal sealed class KeyTreeBranch(long edit) : KeyTreeNode(edit)
{
    public byte[][] Separators { get; } = new byte[Capacity - 1][];

    public KeyTreeNode[] Children { get; } = new KeyTreeNode[Capacity];

    public int ChildFor(ReadOnlySpan<byte> key)
    {
        int low = 0, high = Count - 1;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Separators[middle].AsSpan().SequenceCompareTo(key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
