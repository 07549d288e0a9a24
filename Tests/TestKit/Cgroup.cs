namespace Flotilla.TestKit;

/// <summary>The kernel's files of one cgroup, wherever this machine's version has them.</summary>
/// <param name="path">Such as <c>/flotilla/node/kubepods</c>.</param>
public sealed class Cgroup(string path)
{
    private const string Mount = "/sys/fs/cgroup";

    public static readonly bool IsV2 = File.Exists($"{Mount}/cgroup.controllers");

    public bool Exists => Directory.Exists(Folder("pids"));

    /// <summary>Makes it where it is missing, and moves a process there.</summary>
    public void Take(int processId)
    {
        Directory.CreateDirectory(Folder("pids"));
        File.WriteAllText($"{Folder("pids")}/cgroup.procs", $"{processId}");
    }

    /// <summary>0 while there is no such cgroup.</summary>
    public long Processes => File.Exists($"{Folder("pids")}/pids.current") ? long.Parse(File.ReadAllText($"{Folder("pids")}/pids.current")) : 0;

    /// <summary>How often a process could not be made, here or below.</summary>
    public long RefusedProcesses => Directory.EnumerateFiles(Folder("pids"), "pids.events", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
        .Sum(file => long.Parse(File.ReadAllText(file).Split([' ', '\n'])[1]));

    public long ProcessLimit => long.Parse(File.ReadAllText($"{Folder("pids")}/pids.max"));

    public long MemoryLimit => long.Parse(File.ReadAllText($"{Folder("memory")}/{(IsV2 ? "memory.max" : "memory.limit_in_bytes")}"));

    /// <summary>Of version 1 <c>cpu.shares</c>, of version 2 <c>cpu.weight</c>.</summary>
    public long CpuWeight => long.Parse(File.ReadAllText($"{Folder("cpu")}/{(IsV2 ? "cpu.weight" : "cpu.shares")}"));

    /// <summary>Microseconds of every 100 milliseconds.</summary>
    public long CpuQuota => long.Parse(IsV2 ? File.ReadAllText($"{Folder("cpu")}/cpu.max").Split(' ')[0] : File.ReadAllText($"{Folder("cpu")}/cpu.cfs_quota_us"));

    public Cgroup Child(string name) => new($"{path}/{name}");

    private string Folder(string controller) => IsV2 ? Mount + path : $"{Mount}/{controller}{path}";
}
