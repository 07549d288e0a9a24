using System.Globalization;

namespace Flotilla.Benchmarks;

/// <summary>What a running process costs.</summary>
internal static class ProcessWeight
{
    private const double TicksPerSecond = 100;

    /// <summary>Memory with shared pages divided among those who share them, in bytes.</summary>
    public static long ProportionalSetSize(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line["Pss:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>In user and kernel mode since its start.</summary>
    public static TimeSpan CpuTime(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        // Fields 14 and 15, counted from behind the name, which may hold anything.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }
}
