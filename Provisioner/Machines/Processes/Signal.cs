using System.Runtime.InteropServices;

namespace Flotilla.Provisioner.Machines.Processes;

/// <summary>kill(2): .NET can only kill, not ask.</summary>
internal static partial class Signal
{
    public const int Terminate = 15;
    public const int Kill = 9;

    /// <summary>A process that is gone already is no error: that is what was wanted.</summary>
    public static void Send(int pid, int signal) => _ = SystemKill(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SystemKill(int pid, int signal);
}
