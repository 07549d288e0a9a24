using System.Diagnostics;
using System.Text;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Eviction;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>Real containers, made by containerd and runc.</summary>
public sealed class RealPodTests(NodeFixture node)
{
    private const string Forever = "trap 'exit 0' TERM; while :; do sleep 1 & wait; done";

    [Fact]
    public async Task A_pod_runs_and_its_log_can_be_read()
    {
        node.Run("log", $"echo one; echo two >&2; echo three; {Forever}");
        var pod = await ReadyAsync("log");
        Assert.StartsWith(node.Containerd.PodNetwork, pod.Status.PodIP, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => await node.LogAsync("log") is "one\ntwo\nthree\n" or "two\none\nthree\n" or "one\nthree\ntwo\n", "three lines");
        Assert.EndsWith("\n", await node.LogAsync("log", "?tailLines=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_process_comes_back()
    {
        var marker = $"victim-{Guid.NewGuid():N}";
        node.Run("crash", $"echo start; : {marker}; {Forever}");
        await ReadyAsync("crash");
        await Eventually.TrueAsync(async () => await node.LogAsync("crash") == "start\n", "it has spoken");
        await KillAsync(marker);
        var pod = await node.PodAsync("crash", found => Container(found) is { RestartCount: > 0, LastState.Terminated: not null }, "restarted");
        Assert.Equal((137, "Error"), (Container(pod).LastState!.Terminated!.ExitCode, Container(pod).LastState!.Terminated!.Reason));
        Assert.Equal("start\n", await node.LogAsync("crash", "?previous=true"));
    }

    [Fact]
    public async Task Environment_volumes_and_files_are_as_the_spec_says()
    {
        node.Api.Put(Kinds.ConfigMaps, new ConfigMap { Metadata = A.Meta("settings"), Data = A.Labels("color", "blue") });
        node.Api.Put(Kinds.Secrets, new Secret { Metadata = A.Meta("login"), Data = new Dictionary<string, byte[]> { ["password"] = Encoding.UTF8.GetBytes("hush") } });
        node.Run("files", $"cat /settings/color /one /login/password; echo; cat /data/made; echo $WHO $(hostname) $(id -u); grep -c files /etc/hosts; {Forever}", pod =>
        {
            pod.Spec.SecurityContext = new() { RunAsUser = 1000, FsGroup = 2000 };
            pod.Spec.InitContainers = [new() { Name = "make", Image = NodeFixture.Image, Command = ["sh", "-c", "echo made > /data/made"], VolumeMounts = [new() { Name = "data", MountPath = "/data" }] }];
            pod.Spec.Volumes =
            [
                new() { Name = "settings", ConfigMap = new() { Name = "settings" } },
                new() { Name = "login", Secret = new() { SecretName = "login", DefaultMode = 0b100_000_000 } },
                new() { Name = "data", EmptyDir = new() },
            ];
            pod.Spec.Containers![0].Env = [new() { Name = "WHO", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } }];
            pod.Spec.Containers[0].VolumeMounts =
            [
                new() { Name = "settings", MountPath = "/settings" },
                new() { Name = "settings", MountPath = "/one", SubPath = "color" },
                new() { Name = "login", MountPath = "/login" },
                new() { Name = "data", MountPath = "/data" },
            ];
        });
        await ReadyAsync("files");
        await Eventually.TrueAsync(async () => await node.LogAsync("files") == "bluebluehush\nmade\nfiles files 1000\n1\n", "the log shows what was mounted");
    }

    [Fact]
    public async Task Resources_become_cgroups()
    {
        var pod = node.Run("limits", Forever, pod => pod.Spec.Containers![0].Resources = new() { Requests = A.Labels("cpu", "100m", "memory", "16Mi"), Limits = A.Labels("cpu", "500m", "memory", "32Mi") });
        await ReadyAsync("limits");
        var cgroup = node.CgroupOf(pod, "burstable");
        Assert.Equal((32L << 20, 50_000), (cgroup.MemoryLimit, cgroup.CpuQuota));
    }

    [Theory]
    [InlineData("Guaranteed", "/pod", 500, 50_000, 32, -998)]
    [InlineData("Burstable", "/burstable/pod", 100, 50_000, 32, 999)]
    [InlineData("BestEffort", "/besteffort/pod", 0, -1, 0, 1000)]
    public async Task The_class_of_a_pod_is_its_place_its_weight_and_its_turn_to_be_killed(string qosClass, string place, long milliCpu, long quota, long mebibytes, int oomScore)
    {
        var name = qosClass.ToLowerInvariant();
        var pod = node.Run(name, Forever, pod => pod.Spec.Containers![0].Resources = qosClass switch
        {
            "Guaranteed" => new() { Requests = A.Labels("cpu", "500m", "memory", "32Mi"), Limits = A.Labels("cpu", "500m", "memory", "32Mi") },
            "Burstable" => new() { Requests = A.Labels("cpu", "100m", "memory", "1Mi"), Limits = A.Labels("cpu", "500m", "memory", "32Mi") },
            _ => null,
        });
        var found = await ReadyAsync(name);
        Assert.Equal(qosClass, found.Status.QosClass);
        var whole = new Cgroup($"{node.Containerd.CgroupRoot}/kubepods{place}{pod.Metadata.Uid}");
        foreach (var cgroup in (Cgroup[])[whole, whole.Child(Container(found).ContainerID!.Split("//")[1])])
        {
            Assert.Equal(Cgroup.IsV2 ? ContainerResources.Weight(ContainerResources.Shares(milliCpu)) : ContainerResources.Shares(milliCpu), cgroup.CpuWeight);
            if (mebibytes > 0) { Assert.Equal((mebibytes << 20, quota), (cgroup.MemoryLimit, cgroup.CpuQuota)); }
        }

        // containerd is told here to make nobody harder to kill than it is itself.
        var least = int.Parse(await File.ReadAllTextAsync($"/proc/{node.Containerd.ProcessId}/oom_score_adj"));
        Assert.Equal($"{Math.Max(least, oomScore)}\n", await node.ExecAsync(name, "cat /proc/1/oom_score_adj"));
    }

    [Fact]
    public async Task What_is_reserved_is_not_for_pods()
    {
        await using var machine = await node.StartAsync(options => options with
        {
            Cpus = 2,
            Memory = 4L << 30,
            Reserved = ReservedResources.Parse("cpu=300m,memory=200Mi") + ReservedResources.Parse("cpu=200m,memory=100Mi,ephemeral-storage=1Gi"),
            EvictionThresholds = EvictionThreshold.Parse("memory.available<100Mi,nodefs.available<10%"),
        });
        await Eventually.TrueAsync(() => node.Api.Get(Kinds.Nodes, null, machine.Name)?.Status.Allocatable is not null, "registered");
        var status = node.Api.Get(Kinds.Nodes, null, machine.Name)!.Status;
        Assert.Equal(("2", $"{4 << 20}Ki"), (status.Capacity!["cpu"], status.Capacity["memory"]));
        Assert.Equal(("1500m", $"{(4 << 20) - (400 << 10)}Ki"), (status.Allocatable!["cpu"], status.Allocatable["memory"]));
        var disk = Kibibytes(status.Capacity["ephemeral-storage"]);
        Assert.InRange(Kibibytes(status.Allocatable["ephemeral-storage"]) - (disk - (1 << 20) - (disk / 10)), -1, 1);

        // Eviction is to come before the kernel has to kill: what it keeps free is not taken from the cgroup.
        var pods = new Cgroup($"{machine.Containerd.CgroupRoot}/kubepods");
        Assert.Equal((4L << 30) - (300L << 20), pods.MemoryLimit);
        Assert.Equal(Cgroup.IsV2 ? ContainerResources.Weight(1536) : 1536, pods.CpuWeight);

        static long Kibibytes(string quantity) => long.Parse(quantity[..^"Ki".Length]);
    }

    [Fact]
    public async Task An_out_of_memory_kill_is_named()
    {
        node.Run("hungry", "sleep 0.2; tail /dev/zero", pod =>
        {
            pod.Spec.RestartPolicy = "Never";
            pod.Spec.Containers![0].Resources = new() { Limits = A.Labels("memory", "16Mi") };
        });
        var pod = await node.PodAsync("hungry", found => found.Status.Phase == "Failed", "failed");
        Assert.Equal("OOMKilled", Container(pod).State!.Terminated!.Reason);
        await node.EventAsync("hungry", "OOMKilling", "Memory cgroup out of memory: container main used more than its limit");
        await node.EventAsync("node-0", "OOMKilling", "Memory cgroup out of memory: Killed process");
    }

    [Theory]
    [InlineData("nocommand", "RunContainerError,CrashLoopBackOff", "Failed", "Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: ")]
    [InlineData("noimage", "ErrImageNeverPull", "ErrImageNeverPull", "Container image \"flotilla.local/nope:1\" is not present with pull policy of Never")]
    [InlineData("noconfig", "CreateContainerConfigError", "Failed", "Error: configmap \"absent\" not found")]
    [InlineData("root", "CreateContainerConfigError", "Failed", "Error: container has runAsNonRoot and image will run as root")]
    public async Task What_cannot_start_says_why(string name, string reasons, string reason, string message)
    {
        node.Run(name, "true", pod =>
        {
            var container = pod.Spec.Containers![0];
            container.ImagePullPolicy = "Never";
            switch (name)
            {
                case "nocommand":
                    container.Command = ["/nowhere"];
                    break;
                case "noimage":
                    container.Image = "flotilla.local/nope:1";
                    break;
                case "root":
                    container.SecurityContext = new() { RunAsNonRoot = true };
                    break;
                default:
                    container.Env = [new() { Name = "X", ValueFrom = new() { ConfigMapKeyRef = new() { Name = "absent", Key = "k" } } }];
                    break;
            }
        });
        await node.PodAsync(name, pod => reasons.Split(',').Contains(Container(pod)?.State?.Waiting?.Reason), reasons);
        await node.EventAsync(name, reason, message);
    }

    [Fact]
    public async Task Readiness_follows_the_probe()
    {
        node.Run("probed", $"sleep 1; touch /tmp/ready; {Forever}", pod =>
            pod.Spec.Containers![0].ReadinessProbe = new() { Exec = new() { Command = ["cat", "/tmp/ready"] }, PeriodSeconds = 1, FailureThreshold = 1, SuccessThreshold = 1, TimeoutSeconds = 5 });
        await node.PodAsync("probed", pod => Container(pod) is { Ready: false, State.Running: not null }, "running but not ready");
        await ReadyAsync("probed");
    }

    [Fact]
    public async Task A_failed_liveness_probe_restarts_the_container()
    {
        node.Run("sick", Forever, pod =>
            pod.Spec.Containers![0].LivenessProbe = new() { Exec = new() { Command = ["false"] }, PeriodSeconds = 1, FailureThreshold = 1, TimeoutSeconds = 5 });
        await node.PodAsync("sick", pod => Container(pod) is { RestartCount: > 0 }, "restarted");
        await Eventually.TrueAsync(() => node.Api.List(Kinds.Events).Any(happened => happened.Message == "Container main failed liveness probe, will be restarted"), "an event tells why");
    }

    [Fact]
    public async Task A_deleted_pod_runs_its_hook_and_leaves_nothing()
    {
        var mark = Path.Combine(node.Containerd.NodeDirectory, "hook-ran");
        var pod = node.Run("deleted", "while :; do sleep 1; done", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "node", HostPath = new() { Path = node.Containerd.NodeDirectory } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "node", MountPath = "/node" }];
            pod.Spec.Containers[0].Lifecycle = new() { PreStop = new() { Exec = new() { Command = ["touch", "/node/hook-ran"] } } };
        });
        var ready = await ReadyAsync("deleted");
        node.Delete(ready);
        await Eventually.TrueAsync(() => node.Api.Get(Kinds.Pods, "default", "deleted") is null, "the pod is gone");
        Assert.True(File.Exists(mark));
        await Eventually.TrueAsync(() => !Directory.Exists(Path.Combine(node.Containerd.NodeDirectory, "pods", pod.Metadata.Uid!)), "its files are gone");
        await Eventually.TrueAsync(() => !node.CgroupOf(pod, "besteffort").Exists, "its cgroup is gone");
    }

    [Fact]
    public async Task A_restarted_kubelet_adopts_what_runs()
    {
        await using var machine = await node.StartAsync(options => options);
        var folder = Directory.CreateDirectory(Path.Combine(machine.Containerd.NodeDirectory, "told")).FullName;
        node.Run("adopted", "sleep 1000", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "told", HostPath = new() { Path = folder } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "told", MountPath = "/told" }];
            pod.Spec.NodeName = machine.Name;
            pod.Spec.Containers[0].StartupProbe = new() { Exec = new() { Command = ["true"] }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 30 };
            // Once told to it takes all the time there is: nobody learns from it how the container is.
            pod.Spec.Containers[0].ReadinessProbe = new() { Exec = new() { Command = ["sh", "-c", "[ ! -e /told/silent ] || sleep 1000"] }, PeriodSeconds = 1, TimeoutSeconds = 1000, FailureThreshold = 1 };
        });
        var before = Container(await node.PodAsync("adopted", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready"));
        await File.WriteAllTextAsync(Path.Combine(folder, "silent"), "");
        await machine.RestartAsync();
        var told = StatusesOfAdopted().Length;
        await node.RunOnAsync(machine, "newcomer");
        var after = Container(node.Api.Get(Kinds.Pods, "default", "adopted")!);
        Assert.Equal((before.ContainerID, 0, true, true), (after.ContainerID, after.RestartCount, after.Ready, after.Started));
        Assert.DoesNotContain(StatusesOfAdopted().Skip(told), status => status.Contains("\"ready\":false", StringComparison.Ordinal));

        string[] StatusesOfAdopted()
        {
            lock (node.Api.Requests) { return [.. node.Api.Writes.Where(write => write.Path.Contains("/adopted/status", StringComparison.Ordinal)).Select(write => write.Body)]; }
        }
    }

    [Fact]
    public async Task Pods_outlive_a_crash_of_containerd()
    {
        await using var machine = await node.StartAsync(options => options);
        await node.RunOnAsync(machine, "survivor");
        var before = Container(node.Api.Get(Kinds.Pods, "default", "survivor")!);
        await machine.Containerd.CrashAsync();
        await node.RunOnAsync(machine, "after-crash");
        Assert.Equal(before.ContainerID, Container(node.Api.Get(Kinds.Pods, "default", "survivor")!).ContainerID);
    }

    /// <summary>Ends the one process whose command line holds the marker, from outside its container.</summary>
    private static async Task KillAsync(string marker)
    {
        int[] victims = [];
        // A shell's child has its command line too, until it is what the shell has started.
        await Eventually.TrueAsync(() => (victims = Marked(marker)).Length == 1, "one process");
        using var process = Process.GetProcessById(victims[0]);
        process.Kill();
    }

    private static int[] Marked(string marker) =>
        [.. Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _) && CommandLine(path).Contains(marker, StringComparison.Ordinal)).Select(static path => int.Parse(Path.GetFileName(path)))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return "";
        }
    }

    private Task<Pod> ReadyAsync(string name) => node.PodAsync(
        name, pod => pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true && Container(pod)?.Ready == true, "ready");

    private static ContainerStatus Container(Pod pod) => pod.Status.ContainerStatuses is [var first, ..] ? first : null!;
}
