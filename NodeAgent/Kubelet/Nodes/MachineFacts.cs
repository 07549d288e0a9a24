using System.Globalization;
using System.Runtime.InteropServices;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>What the machine is, read once.</summary>
internal static class MachineFacts
{
    public static MemoryFacts Memory()
    {
        var fields = File.ReadLines("/proc/meminfo").Select(line => line.Split(':', 2)).Where(parts => parts[1].EndsWith(" kB", StringComparison.Ordinal))
            .ToDictionary(parts => parts[0], parts => long.Parse(parts[1].AsSpan(0, parts[1].Length - 3), CultureInfo.InvariantCulture) * 1024);
        return new(fields["MemTotal"], fields["MemAvailable"], fields["MemFree"]);
    }

    /// <summary>Processes and threads there are, and how many there may be.</summary>
    public static (int Now, int Most) Processes()
    {
        // The fourth field of /proc/loadavg: "2/317" is running and existing.
        var now = File.ReadAllText("/proc/loadavg").Split(' ')[3].Split('/')[1];
        var most = Math.Min(Limit("/proc/sys/kernel/pid_max"), Limit("/proc/sys/kernel/threads-max"));
        return (int.Parse(now, CultureInfo.InvariantCulture), most);
    }

    public static DateTimeOffset StartedAt(TimeProvider clock)
    {
        var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        return clock.GetUtcNow() - TimeSpan.FromSeconds(uptime);
    }

    /// <summary>Of all cores together since the machine's start; the kernel counts hundredths of a second.</summary>
    public static ulong CpuNanoseconds()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(ulong.Parse).ToArray();
        const int idle = 3, waiting = 4;
        return fields.Take(8).Where((_, index) => index is not idle and not waiting).Aggregate(0UL, (sum, each) => sum + each) * 10_000_000;
    }

    public static long DiskBytes(string path)
    {
        Directory.CreateDirectory(path);
        return new DriveInfo(path).TotalSize;
    }

    public static NodeSystemInfo Info(string kubeletVersion, string runtimeVersion) => new()
    {
        MachineID = Text("/etc/machine-id"),
        SystemUUID = Text("/sys/class/dmi/id/product_uuid") is { Length: > 0 } uuid ? uuid : Text("/etc/machine-id"),
        BootID = Text("/proc/sys/kernel/random/boot_id"),
        KernelVersion = Text("/proc/sys/kernel/osrelease"),
        OsImage = OsName(),
        ContainerRuntimeVersion = runtimeVersion,
        KubeletVersion = kubeletVersion,
        KubeProxyVersion = "",
        OperatingSystem = "linux",
        Architecture = Architecture,
    };

    /// <summary>In Go's words, as in the label <c>kubernetes.io/arch</c>.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static int Limit(string file) => int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    private static string OsName() => File.Exists("/etc/os-release")
        ? File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?.Split('=')[1].Trim('"') ?? "Linux"
        : "Linux";

    private static string Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Firmware files are not readable in every container.
            return "";
        }
    }
}

/// <summary>Bytes; available is what could be had without swapping.</summary>
internal readonly record struct MemoryFacts(long Total, long Available, long Free)
{
    public long WorkingSet => Total - Available;
}
