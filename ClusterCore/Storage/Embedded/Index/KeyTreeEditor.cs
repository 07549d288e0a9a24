namespace Flotilla.ClusterCore.Storage.Embedded.Index;

/// <summary>Changes a tree by copying, once per batch, the nodes on the way; the tree it began with stays as it was.</summary>
internal sealed class KeyTreeEditor(KeyTreeNode root, long edit)
{
    private const int Capacity = KeyTreeNode.Capacity;
    private const int Sparse = Capacity / 4;

    public KeyTreeNode Root { get; private set; } = root;

    /// <summary>Inserts the key, or puts a new version in the place of its old one.</summary>
    public void Set(KeyValue item)
    {
        var (node, sibling, separator) = Set(Root, item);
        Root = sibling is null ? node : Grow(node, sibling, separator!);
    }

    /// <summary>Forgets the key altogether.</summary>
    public void Remove(ReadOnlySpan<byte> key)
    {
        Root = Remove(Root, key);
        while (Root is KeyTreeBranch { Count: 1 } branch)
        {
            Root = branch.Children[0];
        }
    }

    private (KeyTreeNode Node, KeyTreeNode? Sibling, byte[]? Separator) Set(KeyTreeNode node, KeyValue item)
    {
        if (node is KeyTreeLeaf leaf)
        {
            return SetInLeaf(Own(leaf), item);
        }

        var branch = Own((KeyTreeBranch)node);
        var index = branch.ChildFor(item.Key.Span);
        var before = branch.Children[index].Live;
        var (child, sibling, separator) = Set(branch.Children[index], item);
        branch.Children[index] = child;
        branch.Live += child.Live - before;
        return sibling is null ? (branch, null, null) : InsertChild(branch, index, sibling, separator!);
    }

    private (KeyTreeNode Node, KeyTreeNode? Sibling, byte[]? Separator) SetInLeaf(KeyTreeLeaf leaf, KeyValue item)
    {
        var index = leaf.Search(item.Key.Span);
        if (index >= 0)
        {
            leaf.Live += Weight(item) - Weight(leaf.Items[index]);
            leaf.Items[index] = item;
            return (leaf, null, null);
        }

        index = ~index;
        if (leaf.Count < Capacity)
        {
            Insert(leaf, index, item);
            return (leaf, null, null);
        }

        // Ascending inserts leave full leaves behind; all others split in the middle.
        var right = new KeyTreeLeaf(edit);
        Move(leaf, index == Capacity ? Capacity : Capacity / 2, right);
        if (index > leaf.Count || leaf.Count == Capacity)
        {
            Insert(right, index - leaf.Count, item);
        }
        else
        {
            Insert(leaf, index, item);
        }

        return (leaf, right, Separator(leaf.Items[leaf.Count - 1].Key.Span, right.Items[0].Key.Span));
    }

    private (KeyTreeNode Node, KeyTreeNode? Sibling, byte[]? Separator) InsertChild(
        KeyTreeBranch branch, int index, KeyTreeNode sibling, byte[] separator)
    {
        if (branch.Count < Capacity)
        {
            Insert(branch, index, sibling, separator);
            return (branch, null, null);
        }

        var at = index == Capacity - 1 ? Capacity - 1 : Capacity / 2;
        var right = new KeyTreeBranch(edit);
        var up = Move(branch, at, right);
        if (index < branch.Count)
        {
            Insert(branch, index, sibling, separator);
        }
        else
        {
            Insert(right, index - branch.Count, sibling, separator);
        }

        return (branch, right, up);
    }

    private KeyTreeBranch Grow(KeyTreeNode left, KeyTreeNode right, byte[] separator)
    {
        var branch = new KeyTreeBranch(edit) { Count = 2, Live = left.Live + right.Live };
        branch.Children[0] = left;
        branch.Children[1] = right;
        branch.Separators[0] = separator;
        return branch;
    }

    private KeyTreeNode Remove(KeyTreeNode node, ReadOnlySpan<byte> key)
    {
        if (node is KeyTreeLeaf leaf)
        {
            var at = leaf.Search(key);
            if (at < 0)
            {
                return leaf;
            }

            leaf = Own(leaf);
            leaf.Live -= Weight(leaf.Items[at]);
            Array.Copy(leaf.Items, at + 1, leaf.Items, at, --leaf.Count - at);
            leaf.Items[leaf.Count] = null!;
            return leaf;
        }

        var branch = (KeyTreeBranch)node;
        var index = branch.ChildFor(key);
        var child = Remove(branch.Children[index], key);
        if (ReferenceEquals(child, branch.Children[index]) && child.Edit != edit)
        {
            return branch;
        }

        branch = Own(branch);
        branch.Children[index] = child;
        Recount(branch);
        if (child.Count < Sparse && branch.Count > 1)
        {
            Merge(branch, index == branch.Count - 1 ? index - 1 : index);
        }

        return branch;
    }

    /// <summary>Joins two neighbouring children if together they leave room.</summary>
    private void Merge(KeyTreeBranch branch, int index)
    {
        var (left, right) = (branch.Children[index], branch.Children[index + 1]);
        if (left.Count > 0 && right.Count > 0 && left.Count + right.Count > Capacity * 3 / 4)
        {
            return;
        }

        branch.Children[index] = (left, right) switch
        {
            (KeyTreeLeaf a, KeyTreeLeaf b) => Join(Own(a), b),
            (KeyTreeBranch a, KeyTreeBranch b) => Join(Own(a), b, branch.Separators[index]),
            _ => throw new InvalidOperationException("the tree's leaves are at different depths"),
        };
        Array.Copy(branch.Children, index + 2, branch.Children, index + 1, branch.Count - index - 2);
        Array.Copy(branch.Separators, index + 1, branch.Separators, index, branch.Count - index - 2);
        branch.Children[--branch.Count] = null!;
        branch.Separators[branch.Count - 1] = null!;
    }

    private static KeyTreeLeaf Join(KeyTreeLeaf left, KeyTreeLeaf right)
    {
        Array.Copy(right.Items, 0, left.Items, left.Count, right.Count);
        left.Count += right.Count;
        left.Live += right.Live;
        return left;
    }

    private static KeyTreeBranch Join(KeyTreeBranch left, KeyTreeBranch right, byte[] separator)
    {
        left.Separators[left.Count - 1] = separator;
        Array.Copy(right.Separators, 0, left.Separators, left.Count, right.Count - 1);
        Array.Copy(right.Children, 0, left.Children, left.Count, right.Count);
        left.Count += right.Count;
        left.Live += right.Live;
        return left;
    }

    private static void Recount(KeyTreeBranch branch)
    {
        branch.Live = 0;
        for (var i = 0; i < branch.Count; i++)
        {
            branch.Live += branch.Children[i].Live;
        }
    }

    private static void Insert(KeyTreeLeaf leaf, int index, KeyValue item)
    {
        Array.Copy(leaf.Items, index, leaf.Items, index + 1, leaf.Count - index);
        leaf.Items[index] = item;
        leaf.Count++;
        leaf.Live += Weight(item);
    }

    /// <summary>Puts <paramref name="sibling"/> to the right of the child at <paramref name="index"/>.</summary>
    private static void Insert(KeyTreeBranch branch, int index, KeyTreeNode sibling, byte[] separator)
    {
        Array.Copy(branch.Children, index + 1, branch.Children, index + 2, branch.Count - index - 1);
        Array.Copy(branch.Separators, index, branch.Separators, index + 1, branch.Count - index - 1);
        branch.Children[index + 1] = sibling;
        branch.Separators[index] = separator;
        branch.Count++;
        Recount(branch);
    }

    private static void Move(KeyTreeLeaf leaf, int at, KeyTreeLeaf right)
    {
        for (var i = at; i < leaf.Count; i++)
        {
            Insert(right, right.Count, leaf.Items[i]);
            leaf.Live -= Weight(leaf.Items[i]);
            leaf.Items[i] = null!;
        }

        leaf.Count = at;
    }

    /// <returns>The separator between the two halves.</returns>
    private static byte[] Move(KeyTreeBranch branch, int at, KeyTreeBranch right)
    {
        right.Count = branch.Count - at;
        Array.Copy(branch.Children, at, right.Children, 0, right.Count);
        Array.Copy(branch.Separators, at, right.Separators, 0, right.Count - 1);
        var up = branch.Separators[at - 1];
        Array.Clear(branch.Children, at, right.Count);
        Array.Clear(branch.Separators, at - 1, right.Count);
        branch.Count = at;
        Recount(branch);
        Recount(right);
        return up;
    }

    private KeyTreeLeaf Own(KeyTreeLeaf leaf)
    {
        if (leaf.Edit == edit)
        {
            return leaf;
        }

        var copy = new KeyTreeLeaf(edit) { Count = leaf.Count, Live = leaf.Live };
        Array.Copy(leaf.Items, copy.Items, leaf.Count);
        return copy;
    }

    private KeyTreeBranch Own(KeyTreeBranch branch)
    {
        if (branch.Edit == edit)
        {
            return branch;
        }

        var copy = new KeyTreeBranch(edit) { Count = branch.Count, Live = branch.Live };
        Array.Copy(branch.Children, copy.Children, branch.Count);
        Array.Copy(branch.Separators, copy.Separators, branch.Count - 1);
        return copy;
    }

    private static int Weight(KeyValue item) => item.IsTombstone ? 0 : 1;

    /// <summary>The shortest prefix of the right key that is above the left one; a copy, so that it keeps no value alive.</summary>
    private static byte[] Separator(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        right[..(left.CommonPrefixLength(right) + 1)].ToArray();
}
