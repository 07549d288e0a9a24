using System.Runtime.InteropServices;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>
/// Many control planes share a machine: what a start and every busy time after it leave behind, in the heap and in malloc, is
/// given back to it. The collector alone would keep it: it collects when something is allocated, and a quiet process allocates nothing.
/// </summary>
internal static partial class ProcessMemory
{
    /// <summary>M_ARENA_MAX of malloc.h.</summary>
    private const int ArenaMax = -8;

    /// <summary>Less in one period is what a process allocates that does nothing.</summary>
    private const long QuietBytes = 8 << 20;

    /// <summary>After less since the last time there is too little to give back for the pause it takes.</summary>
    private const long WorthwhileBytes = 64 << 20;

    private static readonly TimeSpan settled = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan period = TimeSpan.FromSeconds(10);

    /// <summary>
    /// One arena for all threads. With one each, the default, every thread that ever compiled a method keeps the megabytes the
    /// compiler needed for it.
    /// </summary>
    public static void ShareArena() => _ = SetOption(ArenaMax, 1);

    public static async Task GiveBackWhenQuietAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        await Task.Delay(settled, clock, cancellationToken);
        GiveBack();
        var (given, seen) = (GC.GetTotalAllocatedBytes(), GC.GetTotalAllocatedBytes());
        while (true)
        {
            await Task.Delay(period, clock, cancellationToken);
            var allocated = GC.GetTotalAllocatedBytes();
            if (allocated - seen < QuietBytes && allocated - given > WorthwhileBytes)
            {
                GiveBack();
                given = allocated;
            }

            seen = allocated;
        }
    }

    private static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = Trim(0);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keep);
}
