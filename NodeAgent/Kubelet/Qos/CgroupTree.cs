using System.Globalization;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>
/// The pods' cgroups below the node's own: <c>kubepods/pod&lt;uid&gt;</c> for guaranteed pods,
/// <c>kubepods/burstable/pod&lt;uid&gt;</c> and <c>kubepods/besteffort/pod&lt;uid&gt;</c> for the others; on cgroup v1 and v2.
/// </summary>
internal sealed class CgroupTree(string root, int podMaxPids = 0, string mount = "/sys/fs/cgroup")
{
    private static readonly string[] Controllers = ["cpu", "cpuacct", "memory", "pids", "cpuset", "blkio", "devices", "freezer", "hugetlb", "systemd"];

    private readonly string top = root.TrimEnd('/') + "/kubepods";

    public bool IsV2 { get; } = File.Exists(Path.Combine(mount, "cgroup.controllers"));

    private CgroupReader Reader => field ??= new(mount, IsV2);

    /// <summary>The cgroup path that a pod's sandbox is given as its parent.</summary>
    public string PathOf(Pod pod)
    {
        var folder = $"pod{pod.Metadata.Uid}";
        return PodQos.ClassOf(pod.Spec ?? new()) switch
        {
            PodQos.Guaranteed => $"{top}/{folder}",
            PodQos.Burstable => $"{top}/burstable/{folder}",
            _ => $"{top}/besteffort/{folder}",
        };
    }

    public CgroupUsage UsageOf(Pod pod) => Reader.Read(PathOf(pod));

    /// <param name="runtimeId">Of a container or a sandbox: the runtime makes their cgroups below their pod's.</param>
    public CgroupUsage UsageOf(Pod pod, string runtimeId) => Reader.Read($"{PathOf(pod)}/{runtimeId}");

    public IReadOnlyList<int> ProcessesOf(Pod pod, string runtimeId) => Reader.Processes($"{PathOf(pod)}/{runtimeId}");

    /// <summary>All pods together.</summary>
    public CgroupUsage UsageOfPods() => Reader.Read(top);

    /// <param name="milliCpu">Of all pods together, in thousandths of a core.</param>
    /// <param name="memory">Of all pods together: what they take beyond it is taken from pods, never from the node's own processes.</param>
    public void CreateTop(long milliCpu, long memory)
    {
        foreach (var path in Parents)
        {
            Create(path);
        }

        WriteCpu(top, ContainerResources.Shares(milliCpu), 0);
        Write(top, "memory", IsV2 ? "memory.max" : "memory.limit_in_bytes", memory);
        WriteCpu($"{top}/besteffort", 2, 0);
    }

    public string CreatePod(Pod pod)
    {
        var path = PathOf(pod);
        Create(path);
        var limits = PodResources.Of(pod.Spec ?? new());
        WriteCpu(path, ContainerResources.Shares(limits.MilliCpuRequest), ContainerResources.Quota(limits.MilliCpuLimit));
        if (limits.MemoryLimit > 0)
        {
            Write(path, "memory", IsV2 ? "memory.max" : "memory.limit_in_bytes", limits.MemoryLimit);
        }

        if (podMaxPids > 0)
        {
            Write(path, "pids", "pids.max", podMaxPids);
        }

        return path;
    }

    /// <summary>Burstable pods together weigh what they ask for, so that idle best-effort pods get what is left.</summary>
    public void SetBurstable(long milliCpuRequests) => WriteCpu($"{top}/burstable", ContainerResources.Shares(milliCpuRequests), 0);

    /// <summary>Removes a pod's cgroups, kernel-emptied children first; false while processes are left in it.</summary>
    public bool RemovePod(Pod pod) => Folders(PathOf(pod)).All(Remove);

    /// <summary>The uids of all pods that have a cgroup.</summary>
    public IReadOnlyList<string> Pods() => [.. Parents.SelectMany(parent => Folders(parent)).Where(Directory.Exists)
        .SelectMany(folder => Directory.GetDirectories(folder, "pod*")).Select(folder => Path.GetFileName(folder)["pod".Length..]).Distinct()];

    /// <summary>Removes the cgroups of a pod that nobody knows any more, and whatever still runs in them.</summary>
    public void RemovePod(string uid)
    {
        foreach (var folder in Parents.SelectMany(parent => Folders($"{parent}/pod{uid}")).Where(Directory.Exists))
        {
            foreach (var processes in Directory.GetFiles(folder, "cgroup.procs", SearchOption.AllDirectories))
            {
                CgroupReader.KillProcesses(processes);
            }

            Remove(folder);
        }
    }

    private string[] Parents => [top, $"{top}/burstable", $"{top}/besteffort"];

    private static bool Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return true;
        }

        var children = Directory.GetDirectories(folder).All(Remove);
        try
        {
            Directory.Delete(folder);
            return children;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Create(string path)
    {
        foreach (var folder in Folders(path))
        {
            if (IsV2)
            {
                CreateV2(path);
            }
            else
            {
                CreateV1(folder);
            }
        }
    }

    private static void CreateV1(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in (string[])["cpuset.cpus", "cpuset.mems"])
        {
            Inherit(folder, file);
        }
    }

    /// <summary>A new cpuset is empty until it is given its parent's members, and an empty one takes no process.</summary>
    private static void Inherit(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path) || File.ReadAllText(path).Trim().Length > 0)
        {
            return;
        }

        var parent = Path.GetDirectoryName(folder)!;
        Inherit(parent, file);
        File.WriteAllText(path, File.ReadAllText(Path.Combine(parent, file)));
    }

    /// <summary>A v2 controller works in a cgroup only when every ancestor has passed it on.</summary>
    private void CreateV2(string path)
    {
        var folder = mount;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var offered = File.ReadAllText(Path.Combine(folder, "cgroup.controllers")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            var wanted = string.Join(' ', offered.Intersect(Controllers).Select(controller => $"+{controller}"));
            File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), wanted);
            folder = Directory.CreateDirectory(Path.Combine(folder, part)).FullName;
        }
    }

    private void WriteCpu(string path, long shares, long quota)
    {
        if (IsV2)
        {
            Write(path, "cpu", "cpu.weight", ContainerResources.Weight(shares));
            if (quota > 0)
            {
                WriteText(path, "cpu", "cpu.max", $"{quota} {ContainerResources.CpuPeriod}");
            }

            return;
        }

        Write(path, "cpu", "cpu.shares", shares);
        if (quota > 0)
        {
            Write(path, "cpu", "cpu.cfs_period_us", ContainerResources.CpuPeriod);
            Write(path, "cpu", "cpu.cfs_quota_us", quota);
        }
    }

    private void Write(string path, string controller, string file, long value) =>
        WriteText(path, controller, file, value.ToString(CultureInfo.InvariantCulture));

    private void WriteText(string path, string controller, string file, string value)
    {
        var target = IsV2 ? $"{mount}{path}/{file}" : $"{mount}/{controller}{path}/{file}";
        if (File.Exists(target))
        {
            File.WriteAllText(target, value);
        }
    }

    private IEnumerable<string> Folders(string path) => IsV2
        ? [mount + path]
        : Controllers.Where(controller => Directory.Exists(Path.Combine(mount, controller))).Select(controller => $"{mount}/{controller}{path}");
}
