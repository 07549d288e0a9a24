namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>
/// Watchers that go on one after the other on one thread of the pool: to hand each to the pool would cost more than what most of
/// them do.
/// </summary>
internal sealed class WatcherRow(Watcher[] watchers) : IThreadPoolWorkItem
{
    /// <summary>Long enough to be worth a hand-over, short enough that all cores have some.</summary>
    private const int Length = 16;

    public static void Wake(List<Watcher> watchers)
    {
        for (var first = 0; first < watchers.Count; first += Length)
        {
            var row = watchers.GetRange(first, Math.Min(Length, watchers.Count - first)).ToArray();
            _ = ThreadPool.UnsafeQueueUserWorkItem(new WatcherRow(row), preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        foreach (var watcher in watchers) { watcher.Wake(); }
    }
}
