using System.Globalization;

namespace Flotilla.Provisioner.Machines.Processes;

/// <summary>What <c>/proc</c> tells of a process (proc(5)).</summary>
internal static class ProcFs
{
    public static ProcessRecord? Find(int pid) => ReadStartTicks(pid) is { } ticks ? new(pid, ticks) : null;

    public static ProcessRecord? FindChild(int parent)
    {
        try
        {
            var children = File.ReadAllText($"/proc/{parent}/task/{parent}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return children is [var first, ..] ? Find(int.Parse(first, CultureInfo.InvariantCulture)) : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null; // the parent ended while it was read
        }
    }

    public static bool IsRunning(ProcessRecord record) => ReadStartTicks(record.Pid) == record.StartTicks;

    /// <summary>Null when there is no such process, or only its zombie.</summary>
    private static long? ReadStartTicks(int pid)
    {
        try
        {
            return ParseStartTicks(File.ReadAllText($"/proc/{pid}/stat"));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null; // the process ended before or while it was read
        }
    }

    /// <summary>The command, field 2, is in parentheses and may itself hold spaces and parentheses: count from the last one.</summary>
    internal static long? ParseStartTicks(string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        const int state = 3 - 3, startTime = 22 - 3;
        return fields[state] is "Z" or "X" ? null : long.Parse(fields[startTime], CultureInfo.InvariantCulture);
    }
}
