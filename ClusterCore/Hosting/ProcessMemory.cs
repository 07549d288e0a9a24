using System.Runtime.InteropServices;

namespace Flotilla.ClusterCore.Hosting;

/// <summary>
/// Many control planes and agents share a machine: what a start and every busy time after it leave behind, in the heap and in malloc,
/// is given back to it. The collector alone would keep it: it collects when something is allocated, and a quiet process allocates nothing.
/// </summary>
public static partial class ProcessMemory
{
    /// <summary>M_ARENA_MAX of malloc.h.</summary>
    private const int ArenaMax = -8;

    /// <summary>Less in one period is what a process allocates that does nothing.</summary>
    private const long QuietBytes = 4 << 20;

    /// <summary>After less since the last time, or less than is in use, there is too little to give back for the pause it takes.</summary>
    private const long WorthwhileBytes = 16 << 20;

    private static readonly TimeSpan period = TimeSpan.FromSeconds(5);

    /// <summary>One arena for all threads. With one each, the default, every thread that ever did a TLS handshake keeps what it took.</summary>
    public static void ShareArena() => _ = SetOption(ArenaMax, 1);

    /// <summary>Gives back what the start took, and then after every busy time.</summary>
    public static async Task GiveBackWhenQuietAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        await Task.Delay(period, clock, cancellationToken);
        var used = GiveBack();
        var given = GC.GetTotalAllocatedBytes();
        var seen = given;
        while (true)
        {
            await Task.Delay(period, clock, cancellationToken);
            var allocated = GC.GetTotalAllocatedBytes();
            if (allocated - seen < QuietBytes && allocated - given > Math.Max(used, WorthwhileBytes))
            {
                used = GiveBack();
                given = allocated;
            }

            seen = allocated;
        }
    }

    /// <returns>What is in use.</returns>
    private static long GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = Trim(0);
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keep);
}
