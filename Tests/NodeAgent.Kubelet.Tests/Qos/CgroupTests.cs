using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Qos;

/// <summary>The files of both cgroup versions, in a folder that looks like a hierarchy: what is written where, and what is read.</summary>
public sealed class CgroupTests : IDisposable
{
    private const string Root = "/node";
    private readonly string mount = Directory.CreateTempSubdirectory("flotilla-cgroups-").FullName;

    [Fact]
    public void A_pods_numbers_are_written_for_version_1()
    {
        foreach (var (controller, files) in (ReadOnlySpan<(string, string[])>)
            [("cpu", ["cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us"]), ("memory", ["memory.limit_in_bytes"]), ("pids", ["pids.max"])])
        {
            Offer($"{controller}{Root}/kubepods/burstable/poduid-default-web-0", files);
            Offer($"{controller}{Root}/kubepods", files);
            Offer($"{controller}{Root}/kubepods/besteffort", files);
        }

        var tree = new CgroupTree(Root, podMaxPids: 100, mount);
        Assert.False(tree.IsV2);
        tree.CreateTop(1900, 8L << 30);
        var path = tree.CreatePod(Burstable());
        Assert.Equal("/node/kubepods/burstable/poduid-default-web-0", path);
        Assert.Equal(("512", "100000", "100000", $"{64 << 20}", "100"), (
            Text($"cpu{path}/cpu.shares"), Text($"cpu{path}/cpu.cfs_period_us"), Text($"cpu{path}/cpu.cfs_quota_us"), Text($"memory{path}/memory.limit_in_bytes"), Text($"pids{path}/pids.max")));
        Assert.Equal(("1945", $"{8L << 30}", "2"), (
            Text("cpu/node/kubepods/cpu.shares"), Text("memory/node/kubepods/memory.limit_in_bytes"), Text("cpu/node/kubepods/besteffort/cpu.shares")));
    }

    [Fact]
    public void A_pods_numbers_are_written_for_version_2()
    {
        string[] files = ["cpu.weight", "cpu.max", "memory.max", "pids.max"];
        foreach (var folder in (string[])["", "node", "node/kubepods", "node/kubepods/burstable", "node/kubepods/besteffort", "node/kubepods/burstable/poduid-default-web-0"])
        {
            Offer(folder, files);
            File.WriteAllText(Path.Combine(mount, folder, "cgroup.controllers"), "cpuset cpu io memory pids misc\n");
        }

        var tree = new CgroupTree(Root, podMaxPids: 100, mount);
        Assert.True(tree.IsV2);
        tree.CreateTop(1900, 8L << 30);
        var path = tree.CreatePod(Burstable());
        Assert.Equal(("20", "100000 100000", $"{64 << 20}", "100"), (Text($"{path}/cpu.weight"), Text($"{path}/cpu.max"), Text($"{path}/memory.max"), Text($"{path}/pids.max")));
        Assert.Equal(("1", $"{8L << 30}"), (Text("node/kubepods/besteffort/cpu.weight"), Text("node/kubepods/memory.max")));
        Assert.Equal("+cpu +cpuset +memory +pids", string.Join(' ', Text("node/kubepods/burstable/cgroup.subtree_control").Split(' ').Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Counters_are_read_for_version_1()
    {
        Put("cpuacct/c/cpuacct.usage", "123000\n");
        Put("cpu/c/cpu.stat", "nr_periods 10\nnr_throttled 3\nthrottled_time 4000\n");
        Put("memory/c/memory.usage_in_bytes", "1000\n");
        Put("memory/c/memory.limit_in_bytes", "9223372036854771712\n");
        Put("memory/c/memory.stat", "total_inactive_file 300\ntotal_rss 500\n");
        Put("memory/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        Put("pids/c/pids.current", "7\n");
        Assert.Equal(
            new CgroupUsage { CpuNanoseconds = 123000, Periods = 10, ThrottledPeriods = 3, ThrottledNanoseconds = 4000, Memory = 1000, WorkingSet = 700, Rss = 500, Processes = 7, OutOfMemoryKills = 2 },
            new CgroupReader(mount, isV2: false).Read("/c"));
    }

    [Fact]
    public void Counters_are_read_for_version_2()
    {
        Put("c/cpu.stat", "usage_usec 123\nuser_usec 100\nnr_periods 10\nnr_throttled 3\nthrottled_usec 4\n");
        Put("c/memory.current", "1000\n");
        Put("c/memory.max", "max\n");
        Put("c/memory.stat", "anon 500\nfile 400\ninactive_file 300\n");
        Put("c/memory.events", "low 0\noom 2\noom_kill 2\n");
        Put("c/pids.current", "7\n");
        Assert.Equal(
            new CgroupUsage { CpuNanoseconds = 123000, Periods = 10, ThrottledPeriods = 3, ThrottledNanoseconds = 4000, Memory = 1000, WorkingSet = 700, Rss = 500, Cache = 400, Processes = 7, OutOfMemoryKills = 2 },
            new CgroupReader(mount, isV2: true).Read("/c"));
        Assert.Equal(default, new CgroupReader(mount, isV2: true).Read("/gone"));
    }

    public void Dispose() => Directory.Delete(mount, recursive: true);

    private static Pod Burstable()
    {
        var pod = A.Pod();
        pod.Spec.Containers![0].Resources = new() { Requests = A.Labels("cpu", "500m"), Limits = A.Labels("cpu", "1", "memory", "64Mi") };
        return pod;
    }

    private void Offer(string folder, string[] files)
    {
        foreach (var file in files)
        {
            Put(Path.Combine(folder, file), "");
        }
    }

    private void Put(string path, string text)
    {
        var file = Path.Combine(mount, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private string Text(string path) => File.ReadAllText(Path.Combine(mount, path.TrimStart('/')));
}
