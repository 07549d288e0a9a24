using System.Globalization;

namespace Flotilla.NodeAgent.Runtime;

/// <summary>Numbers of the signals that <c>lifecycle.stopSignal</c> may name, as Linux counts them on x86 and ARM.</summary>
internal static class StopSignal
{
    private const int FirstRealTime = 34;
    private const int LastRealTime = 64;

    // SIGPOLL and SIGUNUSED are other names of SIGIO and SIGSYS.
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP",
        "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <param name="name">Such as <c>SIGUSR1</c>, <c>SIGRTMIN+3</c>, <c>SIGRTMAX-2</c>.</param>
    /// <returns>Null for what is no signal.</returns>
    public static int? Number(string name) => name switch
    {
        "SIGRTMIN" => FirstRealTime,
        "SIGRTMAX" => LastRealTime,
        "SIGIOT" => Number("SIGABRT"),
        "SIGCLD" => Number("SIGCHLD"),
        "SIGPOLL" => Number("SIGIO"),
        _ when name.StartsWith("SIGRTMIN+", StringComparison.Ordinal) => RealTime(FirstRealTime, name["SIGRTMIN".Length..]),
        _ when name.StartsWith("SIGRTMAX-", StringComparison.Ordinal) => RealTime(LastRealTime, name["SIGRTMAX".Length..]),
        _ when name.StartsWith("SIG", StringComparison.Ordinal) => Array.IndexOf(Names, name[3..]) is > 0 and var number ? number : null,
        _ => null,
    };

    private static int? RealTime(int from, string offset) =>
        int.TryParse(offset, CultureInfo.InvariantCulture, out var number) && from + number is >= FirstRealTime and <= LastRealTime and var signal ? signal : null;
}
