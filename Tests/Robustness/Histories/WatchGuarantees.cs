using Flotilla.ClusterCore.Storage;

namespace Flotilla.Robustness.Histories;

/// <summary>One check per guarantee of etcd's watch API, over what one watch received.</summary>
internal static class WatchGuarantees
{
    public static void Check(IReadOnlyList<WatchBatch> batches, KeyRange range, long from, IReadOnlyList<StoreEvent> everything)
    {
        var events = batches.SelectMany(static batch => batch.Events).ToList();
        Ordered(events);
        Unique(events);
        Atomic(batches);
        Reliable(batches, range, from, everything);
        Bookmarks(batches);
    }

    private static void Ordered(List<StoreEvent> events) =>
        Assert.Equal(events.Select(Revision).Order(), events.Select(Revision));

    private static void Unique(List<StoreEvent> events) =>
        Assert.Distinct(events.Select(static change => $"{Revision(change)} {Convert.ToHexString(change.KeyValue.Key.Span)}"));

    /// <summary>A revision is never spread over batches.</summary>
    private static void Atomic(IReadOnlyList<WatchBatch> batches) =>
        Assert.Distinct(batches.SelectMany(static batch => batch.Events.Select(Revision).Distinct()));

    /// <summary>Nothing between the first and the last revision is missing: also what resuming anywhere rests on.</summary>
    private static void Reliable(IReadOnlyList<WatchBatch> batches, KeyRange range, long from, IReadOnlyList<StoreEvent> everything)
    {
        var upTo = batches.Count == 0 ? 0 : batches[^1].Revision;
        Assert.Equal(
            everything.Where(change => Revision(change) >= from && Revision(change) <= upTo && range.Contains(change.KeyValue.Key.Span)).Select(StoreModel.Describe),
            batches.SelectMany(static batch => batch.Events).Select(StoreModel.Describe));
    }

    /// <summary>What a batch says has been delivered has been: nothing at or before it follows.</summary>
    private static void Bookmarks(IReadOnlyList<WatchBatch> batches)
    {
        var said = 0L;
        foreach (var batch in batches)
        {
            Assert.All(batch.Events, change => Assert.True(Revision(change) > said));
            Assert.True(batch.Revision >= said);
            said = batch.Revision;
        }
    }

    private static long Revision(StoreEvent change) => change.KeyValue.ModRevision;
}
