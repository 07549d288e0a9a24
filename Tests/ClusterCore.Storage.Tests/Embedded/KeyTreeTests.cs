using System.Text;
using Flotilla.ClusterCore.Storage.Embedded.Index;

namespace Flotilla.ClusterCore.Storage.Tests.Embedded;

/// <summary>The tree against a sorted dictionary, over random edits.</summary>
public sealed class KeyTreeTests
{
    private static readonly KeyRange Everything = new(default, new byte[] { 0 });

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Random_edits_keep_it_sorted_counted_and_complete(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<string, long>(StringComparer.Ordinal);
        KeyTreeNode root = new KeyTreeLeaf(0);
        for (var edit = 1; edit <= 300; edit++)
        {
            var before = (Root: root, Keys: Keys(root));
            var editor = new KeyTreeEditor(root, edit);
            for (var i = 0; i < 40; i++)
            {
                Change(random, edit, editor, model);
            }

            root = editor.Root;
            Assert.Equal(before.Keys, Keys(before.Root));
        }

        Assert.Equal(model.Select(static pair => $"{pair.Key}@{pair.Value}"), Keys(root));
        foreach (var (start, end) in (ReadOnlySpan<(string, string)>)[("k1", "k5"), ("k0", "k99"), ("k44", "k444"), ("x", "y")])
        {
            var range = new KeyRange(Encoding.UTF8.GetBytes(start), Encoding.UTF8.GetBytes(end));
            var expected = model.Count(pair => string.CompareOrdinal(pair.Key, start) >= 0 && string.CompareOrdinal(pair.Key, end) < 0);
            Assert.Equal(expected, KeyTreeReader.CountLive(root, range));
        }
    }

    [Fact]
    public void Emptied_trees_shrink_to_a_leaf()
    {
        KeyTreeNode root = new KeyTreeLeaf(0);
        var editor = new KeyTreeEditor(root, 1);
        for (var i = 0; i < 5_000; i++)
        {
            editor.Set(Item($"{i:d5}", 1));
        }

        Assert.Equal(5_000, editor.Root.Live);
        for (var i = 0; i < 5_000; i++)
        {
            editor.Remove(Encoding.UTF8.GetBytes($"{i:d5}"));
        }

        Assert.Equal(0, Assert.IsType<KeyTreeLeaf>(editor.Root).Count);
    }

    private static void Change(Random random, long edit, KeyTreeEditor editor, SortedDictionary<string, long> model)
    {
        var key = $"k{random.Next(6_000)}";
        if (random.Next(3) > 0)
        {
            editor.Set(Item(key, edit));
            model[key] = edit;
        }
        else
        {
            editor.Remove(Encoding.UTF8.GetBytes(key));
            _ = model.Remove(key);
        }
    }

    private static KeyValue Item(string key, long revision) => new(Encoding.UTF8.GetBytes(key), default, revision, revision, 1, 0);

    private static List<string> Keys(KeyTreeNode root)
    {
        var visitor = new Lister([]);
        _ = KeyTreeReader.Visit(root, Everything, ref visitor);
        return visitor.Keys;
    }

    private readonly record struct Lister(List<string> Keys) : IKeyVisitor
    {
        public bool Visit(KeyValue newest)
        {
            Keys.Add($"{Encoding.UTF8.GetString(newest.Key.Span)}@{newest.ModRevision}");
            return true;
        }
    }
}
