using Flotilla.ClusterCore.Storage.Embedded.Index;

namespace Flotilla.ClusterCore.Storage.Embedded;

/// <summary>Answers range reads from a state.</summary>
internal static class StoreReader
{
    /// <param name="compacted">The oldest revision that can be read.</param>
    public static RangeResult Read(StoreState state, RangeRequest request, long compacted)
    {
        if (request.Revision > state.Revision)
        {
            return new(state.Revision, [], 0, More: false, Future: true);
        }

        if (request.Revision > 0 && request.Revision < compacted)
        {
            return new(state.Revision, [], 0, More: false, Compacted: true);
        }

        var newest = request.Revision <= 0 || request.Revision == state.Revision;
        return newest ? ReadNewest(state, request) : ReadOlder(state, request);
    }

    private static RangeResult ReadNewest(StoreState state, RangeRequest request)
    {
        if (request.Range.End.IsEmpty)
        {
            var found = KeyTreeReader.Find(state.Root, request.Range.Start.Span);
            return found is null or { IsTombstone: true }
                ? new(state.Revision, [], 0, More: false)
                : new(state.Revision, request.CountOnly ? [] : [Shape(found, request)], 1, More: false);
        }

        var collector = new Collector(request, long.MaxValue, stopAtLimit: true);
        if (!request.CountOnly)
        {
            _ = KeyTreeReader.Visit(state.Root, request.Range, ref collector);
        }

        var limited = request.CountOnly || collector.Stopped;
        var count = limited ? KeyTreeReader.CountLive(state.Root, request.Range) : collector.Items.Count;
        return new(state.Revision, collector.Items, count, More: !request.CountOnly && count > collector.Items.Count);
    }

    private static RangeResult ReadOlder(StoreState state, RangeRequest request)
    {
        var collector = new Collector(request, request.Revision, stopAtLimit: false);
        _ = KeyTreeReader.Visit(state.Root, request.Range, ref collector);
        return new(
            state.Revision, collector.Items, collector.Count, More: !request.CountOnly && collector.Count > collector.Items.Count);
    }

    private static KeyValue Shape(KeyValue item, RangeRequest request) =>
        request.KeysOnly ? item with { Value = default, Older = null } : item;

    private struct Collector(RangeRequest request, long revision, bool stopAtLimit) : IKeyVisitor
    {
        public List<KeyValue> Items { get; } = [];

        public long Count { get; private set; }

        public bool Stopped { get; private set; }

        public bool Visit(KeyValue newest)
        {
            var item = newest;
            while (item is not null && item.ModRevision > revision)
            {
                item = item.Older;
            }

            if (item is null or { IsTombstone: true })
            {
                return true;
            }

            Count++;
            var full = request.Limit > 0 && Items.Count >= request.Limit;
            if (full && stopAtLimit)
            {
                Stopped = true;
                return false;
            }

            if (!full && !request.CountOnly)
            {
                Items.Add(Shape(item, request));
            }

            return true;
        }
    }
}
