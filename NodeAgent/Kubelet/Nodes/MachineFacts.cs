using System.Runtime.InteropServices;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>What the machine is, read once.</summary>
internal static class MachineFacts
{
    public static long MemoryBytes() => MemInfo("MemTotal");

    public static long AvailableMemoryBytes() => MemInfo("MemAvailable");

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

    private static long MemInfo(string name)
    {
        var line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
    }

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
