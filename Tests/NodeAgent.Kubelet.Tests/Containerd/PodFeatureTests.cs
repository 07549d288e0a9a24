using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>What a pod's spec asks of its containers, as the containers see it.</summary>
public sealed class PodFeatureTests(NodeFixture node)
{
    private const string Forever = "sleep 1000";

    [Fact]
    public async Task A_security_context_is_kept()
    {
        node.Run("secure", $"id -u; id -g; id -G; touch /file 2>&1; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; hostname; {Forever}", pod =>
        {
            pod.Spec.Hostname = "named";
            pod.Spec.SecurityContext = new()
            {
                RunAsUser = 1000,
                RunAsGroup = 3000,
                SupplementalGroups = [4000],
                SeccompProfile = new() { Type = "RuntimeDefault" },
                Sysctls = [new() { Name = "net.ipv4.ip_unprivileged_port_start", Value = "81" }],
            };
            pod.Spec.Containers![0].SecurityContext = new() { ReadOnlyRootFilesystem = true, AllowPrivilegeEscalation = false, Capabilities = new() { Drop = ["ALL"] } };
        });
        await LogsAsync("secure", "1000\n3000\n3000 4000\ntouch: /file: Read-only file system\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n81\nnamed\n");
    }

    [Fact]
    public async Task A_seccomp_profile_of_the_nodes_is_kept_and_must_be_there()
    {
        var profiles = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "seccomp", "profiles")).FullName;
        await File.WriteAllTextAsync(Path.Combine(profiles, "no-folders.json"), """{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}""");
        node.Run("profiled", $"mkdir /folder 2>&1; touch /file && echo file; {Forever}", pod => pod.Spec.SecurityContext = new() { SeccompProfile = new() { Type = "Localhost", LocalhostProfile = "profiles/no-folders.json" } });
        await LogsAsync("profiled", "mkdir: can't create directory '/folder': Operation not permitted\nfile\n");
        node.Run("unprofiled", Forever, pod => pod.Spec.SecurityContext = new() { SeccompProfile = new() { Type = "Localhost", LocalhostProfile = "profiles/none.json" } });
        var refused = await node.PodAsync("unprofiled", pod => pod.Status.ContainerStatuses?[0].State?.Waiting?.Reason == "CreateContainerError", "refused");
        Assert.Contains("profiles/none.json", refused.Status.ContainerStatuses![0].State!.Waiting!.Message!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capabilities_are_added_and_a_group_of_its_own_is_a_containers()
    {
        node.Run("capable", $"grep CapEff /proc/self/status; id -u; {Forever}", pod =>
        {
            pod.Spec.SecurityContext = new() { RunAsUser = 1000 };
            pod.Spec.Containers![0].SecurityContext = new() { RunAsUser = 0, Capabilities = new() { Add = ["NET_ADMIN"], Drop = ["ALL"] } };
        });
        await LogsAsync("capable", "CapEff:\t0000000000001000\n0\n");
    }

    [Theory]
    [InlineData("None", "nameserver 192.0.2.9\nsearch x.example\noptions ndots:2 edns0\n")]
    [InlineData("Default", "nameserver 192.0.2.1\nnameserver 192.0.2.9\nsearch corp.example x.example\noptions timeout:1 ndots:2 edns0\n")]
    [InlineData("ClusterFirst", "nameserver 10.96.0.10\nnameserver 192.0.2.9\nsearch default.svc.cluster.local svc.cluster.local cluster.local corp.example x.example\noptions ndots:2 edns0\n")]
    public async Task The_dns_policy_and_the_pods_own_settings_make_its_resolv_conf(string policy, string expected)
    {
        node.Run($"dns-{policy.ToLowerInvariant()}", Forever, pod =>
        {
            pod.Spec.DnsPolicy = policy;
            pod.Spec.DnsConfig = new() { Nameservers = ["192.0.2.9"], Searches = ["x.example"], Options = [new() { Name = "ndots", Value = "2" }, new() { Name = "edns0" }] };
        });
        await node.PodAsync($"dns-{policy.ToLowerInvariant()}", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        Assert.Equal(expected.Split('\n').Order(), (await node.ExecAsync($"dns-{policy.ToLowerInvariant()}", "cat /etc/resolv.conf")).Split('\n').Order());
    }

    [Fact]
    public async Task Volumes_reach_where_and_how_they_are_mounted()
    {
        var shared = Directory.CreateDirectory(Path.Combine(node.Containerd.NodeDirectory, "shared")).FullName;
        await node.Containerd.MountAsync(shared, "1m");
        node.Run("mounts", $"touch /ro/file 2>&1; echo mine > /own/file; stat -c %g /own; grep ' /up ' /proc/self/mountinfo | grep -o 'shared:[0-9]*' | cut -d: -f1; {Forever}", pod =>
        {
            pod.Spec.SecurityContext = new() { FsGroup = 2500 };
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }, new() { Name = "host", HostPath = new() { Path = shared, Type = "Directory" } }];
            var main = pod.Spec.Containers![0];
            main.SecurityContext = new() { Privileged = true };
            main.Env = [new() { Name = "POD", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.name" } } }];
            main.VolumeMounts =
            [
                new() { Name = "data", MountPath = "/ro", ReadOnly = true },
                new() { Name = "data", MountPath = "/own", SubPathExpr = "for-$(POD)" },
                new() { Name = "host", MountPath = "/up", MountPropagation = "Bidirectional" },
            ];
        });
        await LogsAsync("mounts", "touch: /ro/file: Read-only file system\n2500\nshared\n");
    }

    [Fact]
    public async Task Init_containers_sidecars_and_the_rest_start_in_their_order()
    {
        const string say = "echo $NAME >> /data/order";
        node.Run("ordered", $"{say}; cat /data/order; {Forever}", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", EmptyDir = new() }];
            pod.Spec.InitContainers = [Says("first", say), Says("sidecar", $"{say}; {Forever}", "Always"), Says("second", say)];
            pod.Spec.Containers![0] = Says("main", $"{say}; cat /data/order; {Forever}");
        });
        await LogsAsync("ordered", "first\nsidecar\nsecond\nmain\n");
        var ready = await node.PodAsync("ordered", pod => pod.Status.Conditions!.Any(condition => condition is { Type: "Ready", Status: "True" }), "ready");
        Assert.True(ready.Status.InitContainerStatuses![1].Started);
        node.Api.Put(Kinds.Pods, ready with { Spec = ready.Spec with { EphemeralContainers = [new() { Name = "look", Image = NodeFixture.Image, Command = ["sh", "-c", "ps | grep -c sleep; " + Forever], TargetContainerName = "main" }] } });
        await node.PodAsync("ordered", pod => pod.Status.EphemeralContainerStatuses?[0].State?.Running is not null, "debugged");
    }

    [Fact]
    public async Task Last_words_come_from_the_file_or_else_from_the_log()
    {
        node.Run("words", "echo written > /dev/termination-log; exit 1", pod => pod.Spec.RestartPolicy = "Never");
        node.Run("logged", "echo said; exit 3", pod => (pod.Spec.RestartPolicy, pod.Spec.Containers![0].TerminationMessagePolicy) = ("Never", "FallbackToLogsOnError"));
        Assert.Equal((1, "written\n"), Ended(await node.PodAsync("words", pod => pod.Status.Phase == "Failed", "failed")));
        Assert.Equal((3, "said\n"), Ended(await node.PodAsync("logged", pod => pod.Status.Phase == "Failed", "failed")));
    }

    [Fact]
    public async Task Http_tcp_and_exec_probes_reach_the_pod_and_gates_are_waited_for()
    {
        node.Run("probes", "mkdir /www; echo ok > /www/ok; httpd -f -p 8080 -h /www", pod =>
        {
            pod.Spec.ReadinessGates = [new() { ConditionType = "example.com/open" }];
            var main = pod.Spec.Containers![0];
            main.Ports = [new() { Name = "web", Port = 8080 }];
            main.StartupProbe = new() { TcpSocket = new() { Port = "web" }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 30 };
            main.ReadinessProbe = new() { HttpGet = new() { Path = "/ok", Port = "web" }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 3, SuccessThreshold = 1 };
            main.LivenessProbe = new() { Exec = new() { Command = ["test", "-e", "/www/ok"] }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 3 };
        });
        await node.PodAsync("probes", found => found.Status.ContainerStatuses?[0].Ready == true, "its container is ready");
        await node.PodAsync("probes", found => found.Status.Conditions!.Any(condition => condition is { Type: "Ready", Status: "False", Reason: "ReadinessGatesNotReady" }), "not ready");
    }

    [Fact]
    public async Task Hooks_run_after_the_start_and_before_the_stop()
    {
        var pod = node.Run("hooks", "while [ ! -e /tmp/begun ]; do sleep 0.1; done; echo begun; trap 'ls /tmp/in-time > /dev/termination-log; exit 0' TERM; while :; do sleep 0.1; done", pod =>
        {
            pod.Spec.TerminationGracePeriodSeconds = 30;
            pod.Metadata = pod.Metadata with { Finalizers = ["example.com/look"] };
            pod.Spec.Containers![0].Lifecycle = new() { PostStart = new() { Exec = new() { Command = ["touch", "/tmp/begun"] } }, PreStop = new() { Sleep = new() { Seconds = 6 } } };
        });
        await LogsAsync("hooks", "begun\n");
        node.Delete(node.Api.Get(Kinds.Pods, "default", "hooks")!, grace: 30);
        await node.EventAsync("hooks", "Killing", "Stopping container main");
        // While the hook sleeps nobody has sent a signal: there is time to leave something for the one that will come.
        await node.ExecAsync("hooks", "touch /tmp/in-time");
        var ended = await node.PodAsync("hooks", found => found.Status.ContainerStatuses?[0].State?.Terminated is not null, "ended");
        // Its log may be gone with it by now; its last words are in the status.
        Assert.Equal((0, "/tmp/in-time\n"), (ended.Status.ContainerStatuses![0].State!.Terminated!.ExitCode, ended.Status.ContainerStatuses[0].State!.Terminated!.Message));
        Assert.DoesNotContain(node.Api.List(Kinds.Events), happened => happened.InvolvedObject!.Uid == pod.Metadata.Uid && happened.Reason!.StartsWith("Failed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SIGUSR1", 5)]
    [InlineData("SIGRTMIN+3", 6)]
    public async Task The_signal_that_the_spec_names_ends_a_container(string signal, int exitCode)
    {
        var name = $"ends-by-{exitCode}";
        node.Run(name, "trap '' TERM; trap 'exit 5' USR1; trap 'exit 6' 37; echo set; while :; do sleep 0.1; done", pod =>
        {
            pod.Spec.TerminationGracePeriodSeconds = 30;
            pod.Metadata = pod.Metadata with { Finalizers = ["example.com/look"] };
            pod.Spec.Containers![0].Lifecycle = new() { StopSignal = signal };
        });
        await LogsAsync(name, "set\n");
        var running = await node.PodAsync(name, found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        Assert.Equal(signal, running.Status.ContainerStatuses![0].StopSignal);
        node.Delete(running, grace: 30);
        var ended = await node.PodAsync(name, found => found.Status.ContainerStatuses?[0].State?.Terminated is not null, "ended");
        Assert.Equal((exitCode, signal), (ended.Status.ContainerStatuses![0].State!.Terminated!.ExitCode, ended.Status.ContainerStatuses[0].StopSignal));
    }

    [Fact]
    public async Task Who_ignores_the_signal_of_the_spec_is_killed_when_its_time_is_up()
    {
        node.Run("deaf", "trap '' USR1; echo set; while :; do sleep 0.1; done", pod =>
        {
            pod.Metadata = pod.Metadata with { Finalizers = ["example.com/look"] };
            pod.Spec.Containers![0].Lifecycle = new() { StopSignal = "SIGUSR1" };
        });
        await LogsAsync("deaf", "set\n");
        node.Delete(node.Api.Get(Kinds.Pods, "default", "deaf")!, grace: 2);
        var ended = await node.PodAsync("deaf", found => found.Status.ContainerStatuses?[0].State?.Terminated is not null, "ended");
        Assert.Equal(137, ended.Status.ContainerStatuses![0].State!.Terminated!.ExitCode);
    }

    [Fact]
    public async Task A_grpc_probe_asks_for_the_health_of_a_service()
    {
        node.Run("grpc", "", pod => Etcd(pod, container =>
        {
            container.StartupProbe = new() { Grpc = new() { Port = 2379 }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 30 };
            container.ReadinessProbe = new() { Grpc = new() { Port = 2379 }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 3, SuccessThreshold = 1 };
        }));
        node.Run("grpc-unknown", "", pod => Etcd(pod, container =>
        {
            container.ReadinessProbe = new() { Grpc = new() { Port = 2379, Service = "nowhere" }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 1 };
            container.LivenessProbe = new() { Grpc = new() { Port = 1 }, PeriodSeconds = 1, TimeoutSeconds = 5, FailureThreshold = 1000 };
        }));
        await node.PodAsync("grpc", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        await node.EventAsync("grpc-unknown", "Unhealthy", "Readiness probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service");
        await node.EventAsync("grpc-unknown", "Unhealthy", "Liveness probe failed: error: failed to connect service at \"10.88.");
        Assert.False(node.Api.Get(Kinds.Pods, "default", "grpc-unknown")!.Status.ContainerStatuses![0].Ready);
    }

    /// <summary>The machine's etcd in a container: its client port answers the standard health check.</summary>
    private static void Etcd(Pod pod, Action<Container> probes)
    {
        var main = pod.Spec.Containers![0];
        main.Command = ["/etcd", "--data-dir", "/tmp/etcd", "--listen-client-urls", "http://0.0.0.0:2379", "--advertise-client-urls", "http://127.0.0.1:2379"];
        pod.Spec.Volumes = [From("etcd", "/usr/bin/etcd"), From("loader", "/lib64"), From("libraries", "/lib/x86_64-linux-gnu")];
        main.VolumeMounts =
        [
            new() { Name = "etcd", MountPath = "/etcd", ReadOnly = true },
            new() { Name = "loader", MountPath = "/lib64", ReadOnly = true },
            new() { Name = "libraries", MountPath = "/lib/x86_64-linux-gnu", ReadOnly = true },
        ];
        probes(main);

        static Volume From(string name, string path) => new() { Name = name, HostPath = new() { Path = path } };
    }

    [Fact]
    public async Task A_pod_may_have_limits_as_a_whole()
    {
        var pod = node.Run("whole", Forever, pod => pod.Spec.Resources = new() { Requests = A.Labels("cpu", "100m", "memory", "32Mi"), Limits = A.Labels("cpu", "200m", "memory", "64Mi") });
        var found = await node.PodAsync("whole", each => each.Status.ContainerStatuses?[0].Ready == true, "ready");
        Assert.Equal("Burstable", found.Status.QosClass);
        var cgroup = node.CgroupOf(pod, "burstable");
        Assert.Equal((64L << 20, 20_000), (cgroup.MemoryLimit, cgroup.CpuQuota));
    }

    [Fact]
    public async Task A_runtime_class_names_a_handler_of_the_runtime()
    {
        node.Api.Put(Kinds.RuntimeClasses, new RuntimeClass { Metadata = A.Meta("plain", null), Handler = "runc" });
        node.Run("classy", Forever, pod => pod.Spec.RuntimeClassName = "plain");
        node.Run("classless", Forever, pod => pod.Spec.RuntimeClassName = "absent");
        await node.PodAsync("classy", pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
        await node.EventAsync("classless", "FailedCreatePodSandBox", "Failed to create pod sandbox: runtimeclass.node.k8s.io \"absent\" not found");
    }

    [Fact]
    public async Task Resources_change_in_place_where_there_is_room()
    {
        var pod = node.Run("resized", Forever, pod => pod.Spec.Containers![0].Resources = new() { Requests = A.Labels("memory", "16Mi"), Limits = A.Labels("memory", "32Mi", "cpu", "100m") });
        var before = await node.PodAsync("resized", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        var cgroup = node.CgroupOf(pod, "burstable");
        node.Api.Put(Kinds.Pods, Resized(before, "48Mi", "200m"));
        var after = await node.PodAsync("resized", found => found.Status.ContainerStatuses?[0].Resources?.Limits?["memory"] == "48Mi", "resized");
        var status = after.Status.ContainerStatuses![0];
        Assert.Equal((before.Status.ContainerStatuses![0].ContainerID, 0, "16Mi"), (status.ContainerID, status.RestartCount, status.AllocatedResources!["memory"]));
        Assert.Equal((48L << 20, 48L << 20), (cgroup.MemoryLimit, cgroup.Child(status.ContainerID!["containerd://".Length..]).MemoryLimit));
        var huge = Resized(after, "48Mi", "200m");
        huge.Spec.Containers![0].Resources!.Requests = A.Labels("memory", "1Pi");
        node.Api.Put(Kinds.Pods, huge);
        var pending = (await node.PodAsync("resized", found => found.Status.Conditions!.Any(condition => condition is { Type: "PodResizePending", Status: "True", Reason: "Infeasible" }), "infeasible"))
            .Status.Conditions!.Single(condition => condition.Type == "PodResizePending");
        Assert.StartsWith("Node didn't have enough capacity: memory, requested: 1125899906842624, capacity: ", pending.Message, StringComparison.Ordinal);

        static Pod Resized(Pod pod, string memory, string cpu) => pod with
        {
            Spec = pod.Spec with { Containers = [pod.Spec.Containers![0] with { Resources = new() { Requests = pod.Spec.Containers[0].Resources!.Requests, Limits = A.Labels("memory", memory, "cpu", cpu) } }] },
        };
    }

    [Fact]
    public async Task The_directory_of_a_claims_volume_goes_with_the_volume()
    {
        var directory = Path.Combine(node.Containerd.NodeDirectory, "volumes", "pvc-1");
        node.Api.Put(Kinds.PersistentVolumes, new PersistentVolume
        {
            Metadata = A.Meta("pvc-1", null) with { Annotations = A.Labels("pv.kubernetes.io/provisioned-by", "flotilla.local/directory") },
            Spec = new() { HostPath = new() { Path = directory, Type = "DirectoryOrCreate" }, PersistentVolumeReclaimPolicy = "Delete" },
        });
        node.Api.Put(Kinds.PersistentVolumeClaims, new PersistentVolumeClaim { Metadata = A.Meta("data"), Spec = new() { VolumeName = "pvc-1" } });
        node.Run("claims", $"echo kept > /data/file; {Forever}", pod =>
        {
            pod.Spec.Volumes = [new() { Name = "data", PersistentVolumeClaim = new() { ClaimName = "data" } }];
            pod.Spec.Containers![0].VolumeMounts = [new() { Name = "data", MountPath = "/data" }];
        });
        var pod = await node.PodAsync("claims", found => found.Status.ContainerStatuses?[0].Ready == true, "ready");
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(directory, "file")), "it has written");
        node.Delete(pod);
        await Eventually.TrueAsync(() => node.Api.Get(Kinds.Pods, "default", "claims") is null, "the pod is gone");
        Assert.True(File.Exists(Path.Combine(directory, "file")));
        await node.Api.Client().DeleteAsync(Kinds.PersistentVolumes, null, "pvc-1", CancellationToken.None);
        await Eventually.TrueAsync(() => !Directory.Exists(directory), "the directory is gone", TimeSpan.FromSeconds(60));
    }

    private static (int, string?) Ended(Pod pod) => (pod.Status.ContainerStatuses![0].State!.Terminated!.ExitCode, pod.Status.ContainerStatuses[0].State!.Terminated!.Message);

    private static Container Says(string name, string script, string? restart = null) => new()
    {
        Name = name,
        Image = NodeFixture.Image,
        RestartPolicy = restart,
        Command = ["sh", "-c", script],
        Env = [new() { Name = "NAME", Value = name }],
        VolumeMounts = [new() { Name = "data", MountPath = "/data" }],
    };

    private Task LogsAsync(string name, string text) => Eventually.TrueAsync(
        async () =>
        {
            var answer = await node.ControlPlane.GetAsync($"/containerLogs/default/{name}/main");
            return answer.IsSuccessStatusCode && await answer.Content.ReadAsStringAsync() == text;
        },
        $"{name} says what is expected");
}
