using System.Runtime.InteropServices;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>Many control planes share a machine: what a start leaves behind, in the heap and in malloc, is given back to it.</summary>
internal static partial class ProcessMemory
{
    /// <summary>M_ARENA_MAX of malloc.h.</summary>
    private const int ArenaMax = -8;

    private static readonly TimeSpan settled = TimeSpan.FromSeconds(5);

    /// <summary>
    /// One arena for all threads. With one each, the default, every thread that ever compiled a method keeps the megabytes the
    /// compiler needed for it.
    /// </summary>
    public static void ShareArena() => _ = SetOption(ArenaMax, 1);

    public static async Task GiveBackAfterStartAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        await Task.Delay(settled, clock, cancellationToken);
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
