using System.Numerics;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>
/// The last changes of one resource, for watches that resume. It starts small and grows only while its oldest change is
/// younger than the time a client may take to come back; not beyond a number of bytes, or a minute of busy clients would
/// take more memory than all that is stored. Who comes back after that lists again.
/// </summary>
internal sealed class EventWindow(long startRevision)
{
    private const int Smallest = 64;
    private const int Largest = 65536;
    private const long LargestBytes = 8 << 20;
    private static readonly TimeSpan keepAtLeast = TimeSpan.FromSeconds(75);

    /// <summary>By then all who keep up have had the frames; one who comes back has them made again.</summary>
    private static readonly TimeSpan sharedFor = TimeSpan.FromSeconds(5);

    private CacheEvent[] ring = [];
    private int first;
    private int count;
    private long bytes;

    /// <summary>Every change after this revision is in the window.</summary>
    public long CompleteAfter { get; private set; } = startRevision;

    public void Add(CacheEvent change)
    {
        if (count == ring.Length) { MakeRoom(change.At); }
        ring[(first + count) % ring.Length] = change;
        count++;
        bytes += change.Bytes;
        while (bytes > LargestBytes && count > 1) { DropOldest(); }
    }

    public IEnumerable<CacheEvent> After(long revision)
    {
        for (var i = 0; i < count; i++)
        {
            var change = At(i);
            if (change.Revision > revision) { yield return change; }
        }
    }

    /// <summary>Forgets what nobody comes back for, however quiet it has become; keeps the newest few at any age.</summary>
    public void Trim(DateTimeOffset now)
    {
        for (var i = 0; i < count && now - At(i).At >= sharedFor; i++) { At(i).ForgetFrames(); }
        while (count > Smallest && now - At(0).At >= keepAtLeast) { DropOldest(); }
        if (ring.Length > Smallest && count <= ring.Length / 4) { Resize(Math.Max(Smallest, (int)BitOperations.RoundUpToPowerOf2((uint)count))); }
    }

    private void MakeRoom(DateTimeOffset now)
    {
        var isFresh = count == 0 || now - At(0).At < keepAtLeast;
        if (isFresh && ring.Length < Largest) { Resize(Math.Max(Smallest, ring.Length * 2)); }
        else { DropOldest(); }
    }

    private CacheEvent At(int index) => ring[(first + index) % ring.Length];

    private void DropOldest()
    {
        CompleteAfter = At(0).Revision;
        bytes -= At(0).Bytes;
        ring[first] = null!;
        first = (first + 1) % ring.Length;
        count--;
    }

    private void Resize(int length)
    {
        var resized = new CacheEvent[length];
        for (var i = 0; i < count; i++) { resized[i] = At(i); }
        (ring, first) = (resized, 0);
    }
}
