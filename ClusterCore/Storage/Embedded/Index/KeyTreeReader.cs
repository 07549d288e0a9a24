namespace Flotilla.ClusterCore.Storage.Embedded.Index;

/// <summary>Reads of a tree that no one changes any more (or of the writer's own, by the writer).</summary>
internal static class KeyTreeReader
{
    /// <summary>The newest version of a key, which may be a tombstone.</summary>
    public static KeyValue? Find(KeyTreeNode root, ReadOnlySpan<byte> key)
    {
        while (root is KeyTreeBranch branch)
        {
            root = branch.Children[branch.ChildFor(key)];
        }

        var leaf = (KeyTreeLeaf)root;
        var index = leaf.Search(key);
        return index < 0 ? null : leaf.Items[index];
    }

    /// <summary>Visits the newest versions in the range in key order, while the visitor wants more.</summary>
    /// <returns>False when the visitor stopped it.</returns>
    public static bool Visit<TVisitor>(KeyTreeNode node, in KeyRange range, ref TVisitor visitor)
        where TVisitor : struct, IKeyVisitor
    {
        var start = range.Start.Span;
        if (node is KeyTreeBranch branch)
        {
            for (var i = branch.ChildFor(start); i < branch.Count; i++)
            {
                if (i > 0 && IsPast(range, branch.Separators[i - 1]))
                {
                    return true;
                }

                if (!Visit(branch.Children[i], range, ref visitor))
                {
                    return false;
                }
            }

            return true;
        }

        var leaf = (KeyTreeLeaf)node;
        var from = leaf.Search(start);
        for (var i = from < 0 ? ~from : from; i < leaf.Count && !IsPast(range, leaf.Items[i].Key.Span); i++)
        {
            if (!visitor.Visit(leaf.Items[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many keys of the range are alive in the newest revision, without visiting them all.</summary>
    public static long CountLive(KeyTreeNode root, in KeyRange range) =>
        range.IsOpenEnded
            ? root.Live - CountBelow(root, range.Start.Span)
            : Math.Max(0, CountBelow(root, range.End.Span) - CountBelow(root, range.Start.Span));

    private static long CountBelow(KeyTreeNode node, ReadOnlySpan<byte> key)
    {
        var count = 0L;
        while (node is KeyTreeBranch branch)
        {
            var index = branch.ChildFor(key);
            for (var i = 0; i < index; i++)
            {
                count += branch.Children[i].Live;
            }

            node = branch.Children[index];
        }

        var leaf = (KeyTreeLeaf)node;
        for (var i = 0; i < leaf.Count && leaf.Items[i].Key.Span.SequenceCompareTo(key) < 0; i++)
        {
            count += leaf.Items[i].IsTombstone ? 0 : 1;
        }

        return count;
    }

    private static bool IsPast(in KeyRange range, ReadOnlySpan<byte> key) =>
        !range.IsOpenEnded && (range.End.IsEmpty
            ? key.SequenceCompareTo(range.Start.Span) > 0
            : key.SequenceCompareTo(range.End.Span) >= 0);
}

internal interface IKeyVisitor
{
    /// <returns>False to stop.</returns>
    bool Visit(KeyValue newest);
}
