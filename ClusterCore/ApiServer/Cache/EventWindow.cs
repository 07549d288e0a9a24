namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>
/// The last changes of one resource, for watches that resume. It starts small and grows only while its oldest change is
/// younger than the time a client may take to come back.
/// </summary>
internal sealed class EventWindow(long startRevision)
{
    private const int Smallest = 64;
    private const int Largest = 65536;
    private static readonly TimeSpan keepAtLeast = TimeSpan.FromSeconds(75);

    private CacheEvent[] ring = [];
    private int first;
    private int count;

    /// <summary>Every change after this revision is in the window.</summary>
    public long CompleteAfter { get; private set; } = startRevision;

    public void Add(CacheEvent change)
    {
        if (count == ring.Length) { MakeRoom(change.At); }
        ring[(first + count) % ring.Length] = change;
        count++;
    }

    public IEnumerable<CacheEvent> After(long revision)
    {
        for (var i = 0; i < count; i++)
        {
            var change = ring[(first + i) % ring.Length];
            if (change.Revision > revision) { yield return change; }
        }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        var isFresh = count == 0 || now - ring[first].At < keepAtLeast;
        if (isFresh && ring.Length < Largest)
        {
            var grown = new CacheEvent[Math.Max(Smallest, ring.Length * 2)];
            for (var i = 0; i < count; i++) { grown[i] = ring[(first + i) % ring.Length]; }
            (ring, first) = (grown, 0);
            return;
        }

        CompleteAfter = ring[first].Revision;
        ring[first] = null!;
        first = (first + 1) % ring.Length;
        count--;
    }
}
