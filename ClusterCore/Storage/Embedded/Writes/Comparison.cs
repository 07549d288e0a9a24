using Flotilla.ClusterCore.Storage.Embedded.Index;

namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>Evaluates a transaction's conditions.</summary>
internal static class Comparison
{
    /// <summary>
    /// As in etcd: over a range it must hold for every key there; where there is no key, a value condition is false and a
    /// number condition sees zero.
    /// </summary>
    public static bool Holds(StoreState state, Compare compare)
    {
        if (compare.Range.End.IsEmpty)
        {
            var found = KeyTreeReader.Find(state.Root, compare.Range.Start.Span);
            return Holds(found is { IsTombstone: false } ? found : null, compare);
        }

        var visitor = new Visitor(compare);
        _ = KeyTreeReader.Visit(state.Root, compare.Range, ref visitor);
        return visitor.Seen ? visitor.Held : Holds((KeyValue?)null, compare);
    }

    private static bool Holds(KeyValue? item, Compare compare)
    {
        if (compare.Target == CompareTarget.Value)
        {
            return item is not null && Holds(item.Value.Span.SequenceCompareTo(compare.Value.Span), compare.Operator);
        }

        var number = compare.Target switch
        {
            CompareTarget.CreateRevision => item?.CreateRevision,
            CompareTarget.ModRevision => item?.ModRevision,
            CompareTarget.Version => item?.Version,
            _ => item?.Lease,
        };
        return Holds((number ?? 0).CompareTo(compare.Number), compare.Operator);
    }

    private static bool Holds(int order, CompareOperator compareOperator) => compareOperator switch
    {
        CompareOperator.Equal => order == 0,
        CompareOperator.NotEqual => order != 0,
        CompareOperator.Less => order < 0,
        _ => order > 0,
    };

    private struct Visitor(Compare compare) : IKeyVisitor
    {
        public bool Seen { get; private set; }

        public bool Held { get; private set; } = true;

        public bool Visit(KeyValue newest)
        {
            if (newest.IsTombstone)
            {
                return true;
            }

            Seen = true;
            Held = Holds(newest, compare);
            return Held;
        }
    }
}
