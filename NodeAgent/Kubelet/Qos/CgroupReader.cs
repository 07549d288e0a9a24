using System.Diagnostics;
using System.Globalization;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>Reads a cgroup's counters, on cgroup v1 and v2. A cgroup that is gone meanwhile has used nothing.</summary>
internal sealed class CgroupReader(string mount, bool isV2)
{
    /// <summary>What v1 answers for "no limit": the largest multiple of a page that a signed number holds.</summary>
    private const ulong Unlimited = long.MaxValue / 2;

    public CgroupUsage Read(string path) => isV2 ? ReadV2(mount + path) : ReadV1(path);

    public IReadOnlyList<int> Processes(string path)
    {
        var file = isV2 ? $"{mount}{path}/cgroup.procs" : $"{mount}/memory{path}/cgroup.procs";
        return [.. Lines(file).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <param name="file">A cgroup's <c>cgroup.procs</c>.</param>
    public static void KillProcesses(string file)
    {
        foreach (var line in Lines(file))
        {
            try
            {
                using var process = Process.GetProcessById(int.Parse(line, CultureInfo.InvariantCulture));
                process.Kill();
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                // It has ended by itself meanwhile.
                continue;
            }
        }
    }

    private CgroupUsage ReadV1(string path)
    {
        var memory = $"{mount}/memory{path}";
        var stat = Fields($"{memory}/memory.stat");
        var cpu = Fields($"{mount}/cpu{path}/cpu.stat");
        var limit = Number($"{memory}/memory.limit_in_bytes");
        return new()
        {
            CpuNanoseconds = Number($"{mount}/cpuacct{path}/cpuacct.usage"),
            Memory = Number($"{memory}/memory.usage_in_bytes"),
            WorkingSet = Less(Number($"{memory}/memory.usage_in_bytes"), stat.GetValueOrDefault("total_inactive_file")),
            Rss = stat.GetValueOrDefault("total_rss"),
            Cache = stat.GetValueOrDefault("total_cache"),
            PageFaults = stat.GetValueOrDefault("total_pgfault"),
            MajorPageFaults = stat.GetValueOrDefault("total_pgmajfault"),
            MemoryLimit = limit > Unlimited ? 0 : limit,
            Processes = Number($"{mount}/pids{path}/pids.current"),
            Periods = cpu.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = cpu.GetValueOrDefault("nr_throttled"),
            ThrottledNanoseconds = cpu.GetValueOrDefault("throttled_time"),
            OutOfMemoryKills = Fields($"{memory}/memory.oom_control").GetValueOrDefault("oom_kill"),
        };
    }

    private static CgroupUsage ReadV2(string folder)
    {
        const ulong nanoseconds = 1000;
        var stat = Fields($"{folder}/memory.stat");
        var cpu = Fields($"{folder}/cpu.stat");
        var memory = Number($"{folder}/memory.current");
        return new()
        {
            CpuNanoseconds = cpu.GetValueOrDefault("usage_usec") * nanoseconds,
            Memory = memory,
            WorkingSet = Less(memory, stat.GetValueOrDefault("inactive_file")),
            Rss = stat.GetValueOrDefault("anon"),
            Cache = stat.GetValueOrDefault("file"),
            PageFaults = stat.GetValueOrDefault("pgfault"),
            MajorPageFaults = stat.GetValueOrDefault("pgmajfault"),
            MemoryLimit = Number($"{folder}/memory.max"),
            Processes = Number($"{folder}/pids.current"),
            Periods = cpu.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = cpu.GetValueOrDefault("nr_throttled"),
            ThrottledNanoseconds = cpu.GetValueOrDefault("throttled_usec") * nanoseconds,
            OutOfMemoryKills = Fields($"{folder}/memory.events").GetValueOrDefault("oom_kill"),
        };
    }

    private static ulong Less(ulong whole, ulong part) => part < whole ? whole - part : 0;

    /// <summary>Also 0 for the word <c>max</c>.</summary>
    private static ulong Number(string file) => ulong.TryParse(Lines(file).FirstOrDefault(), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static Dictionary<string, ulong> Fields(string file)
    {
        var fields = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var line in Lines(file))
        {
            if (line.Split(' ') is [var name, var text] && ulong.TryParse(text, CultureInfo.InvariantCulture, out var value))
            {
                fields[name] = value;
            }
        }

        return fields;
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (IOException)
        {
            // The cgroup went away between the two looks, as cgroups of ended containers do.
            return [];
        }
    }
}
