using System.Collections.Immutable;
using System.Text;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.Robustness.Histories;

/// <summary>The store as it should be, one immutable map per revision: too simple to be wrong.</summary>
internal sealed class StoreModel
{
    private readonly List<ImmutableSortedDictionary<string, KeyValue>> states =
        [.. Enumerable.Repeat(ImmutableSortedDictionary.Create<string, KeyValue>(StringComparer.Ordinal), 2)];

    public long Revision => states.Count - 1;

    /// <summary>Applies a transaction to the newest state.</summary>
    /// <returns>Whether its conditions held.</returns>
    public bool Apply(TxnRequest request)
    {
        var (before, revision) = (states[^1], Revision + 1);
        var holds = request.Compares.All(compare => Holds(before, compare));
        var (after, changed) = (before, false);
        foreach (var operation in holds ? request.Success : request.Failure)
        {
            switch (operation)
            {
                case StoreOperation.Put put:
                    var old = after.GetValueOrDefault(Text(put.Key));
                    var value = Encoding.UTF8.GetBytes(Text(put.Value).Insert(put.StampAt, $"{revision}"));
                    after = after.SetItem(Text(put.Key), new(put.Key, value, old?.CreateRevision ?? revision, revision, (old?.Version ?? 0) + 1, put.Lease));
                    changed = true;
                    break;
                case StoreOperation.Delete delete:
                    changed |= after.ContainsKey(Text(delete.Range.Start));
                    after = after.Remove(Text(delete.Range.Start));
                    break;
                default:
                    break;
            }
        }

        if (changed)
        {
            states.Add(after);
        }

        return holds;
    }

    public IEnumerable<KeyValue> Read(KeyRange range, long revision) =>
        states[(int)revision].Values.Where(item => range.Contains(item.Key.Span));

    public bool Holds(TxnRequest request, long revision) => request.Compares.All(compare => Holds(states[(int)revision], compare));

    /// <summary>What changed in a revision, as a watch must tell it.</summary>
    public IEnumerable<string> Changes(long revision)
    {
        var (before, after) = (states[(int)revision - 1], states[(int)revision]);
        var puts = after.Values.Where(item => item.ModRevision == revision).Select(Describe);
        var deletions = before.Keys.Except(after.Keys).Select(key => $"-{key}@{revision}");
        return puts.Concat(deletions).Order(StringComparer.Ordinal);
    }

    public static string Describe(StoreEvent change) =>
        change.Kind == StoreEventKind.Put ? Describe(change.KeyValue) : $"-{Text(change.KeyValue.Key)}@{change.KeyValue.ModRevision}";

    public static string Describe(KeyValue item) =>
        $"+{Text(item.Key)}={Text(item.Value)}@{item.CreateRevision},{item.ModRevision},{item.Version}";

    /// <summary>The traffic compares mod revisions of single keys, and nothing else.</summary>
    private static bool Holds(ImmutableSortedDictionary<string, KeyValue> state, Compare compare) =>
        (state.GetValueOrDefault(Text(compare.Range.Start))?.ModRevision ?? 0) == compare.Number;

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
