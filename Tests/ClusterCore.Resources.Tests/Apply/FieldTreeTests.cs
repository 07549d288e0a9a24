using Flotilla.ClusterCore.Resources.Apply;

namespace Flotilla.ClusterCore.Resources.Tests.Apply;

public sealed class FieldTreeTests
{
    [Theory]
    [InlineData("c a b", "b d", ".a .b .c .d", ".a .c", ".b")]
    [InlineData("a", "", ".a", ".a", "")]
    [InlineData("", "b a", ".a .b", "", "")]
    [InlineData("z/y z/x a/b", "z/x z/w", ".a.b .z.w .z.x .z.y", ".a.b .z.y", ".z.x")]
    [InlineData("a a/b", "a", ".a .a.b", ".a.b", ".a")]
    public void Sets_are_combined_and_in_order_whatever_the_order_they_were_built_in(string left, string right, string union, string difference, string intersection)
    {
        var (one, other) = (Tree(left.Split(' ')), Tree(right.Split(' ')));
        Assert.Equal(union, Text(FieldTree.Union(one, other)));
        Assert.Equal(difference, Text(FieldTree.Difference(one, other)));
        Assert.Equal(intersection, Text(FieldTree.Intersection(one, other)));
        Assert.True(FieldTree.Union(one, other).SetEquals(FieldTree.Union(other, one)));
    }

    [Fact]
    public void What_is_removed_is_found_no_more()
    {
        var tree = Tree(["c", "a", "b"]);
        tree.Remove("f:b");
        tree.Remove("f:d");
        Assert.Equal(".a .c", Text(tree));
        Assert.False(tree.Has("f:b"));
        Assert.True(tree.Has("f:c"));
    }

    private static FieldTree Tree(IEnumerable<string> paths)
    {
        var tree = new FieldTree();
        foreach (var group in paths.Where(path => path.Length > 0).Select(path => path.Split('/', 2)).GroupBy(path => path[0]))
        {
            var below = Tree(group.Where(path => path.Length > 1).Select(path => path[1]));
            below.IsMember = group.Any(path => path.Length == 1);
            tree.Add("f:" + group.Key, below);
        }

        return tree;
    }

    private static string Text(FieldTree tree) => string.Join(' ', tree.Paths());
}
