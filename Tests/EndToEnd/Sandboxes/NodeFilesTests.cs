using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.EndToEnd.Sandboxes;

/// <summary>What a pod finds in, and leaves on, the file system of its node: not the machine's.</summary>
[Collection(SandboxCollection.Name)]
public sealed class NodeFilesTests(TwoClusters clusters)
{
    private const string Answer = "/dev/termination-log";

    private readonly string name = "files-" + Guid.NewGuid().ToString("N")[..10];

    private SandboxedCluster Ours => clusters.Ours;

    [Fact]
    public async Task Of_the_machine_and_of_other_nodes_a_pod_finds_no_file()
    {
        string[] hidden =
        [
            Ours.Home, Ours.DiskOf(1), Path.Combine(Ours.DiskOf(1), "agent"), Path.Combine(Ours.DiskOf(0), "logs"), Ours.RunDirectory, clusters.Theirs.Home, clusters.Theirs.DiskOf(0),
            clusters.Theirs.RunDirectory, Path.GetTempPath(), "/var/tmp", "/var/lib", "/dev/shm", "/run",
        ];
        string[] shown = [Path.Combine(Ours.DiskOf(0), "agent"), Path.Combine(Ours.DiskOf(0), "root", "mnt")];
        string[] files = [.. hidden.Concat(shown).Select(folder => Path.Combine(folder, name))];
        try
        {
            foreach (var file in files) { await File.WriteAllTextAsync(file, "here"); }
            // The search finds what is the node's.
            var found = await Ours.AskPodAsync(name, $"find /host -path /host/proc -prune -o -path /host/sys -prune -o -name '{name}' -print >{Answer}", OfHost("/", "/host"));
            Assert.Equal([$"/host/mnt/{name}", $"/host{files[hidden.Length]}"], found.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        }
        finally
        {
            foreach (var file in files) { File.Delete(file); }
        }
    }

    [Fact]
    public async Task What_a_pod_writes_stays_on_its_node()
    {
        string[] folders = ["/etc", "/usr/local/bin", "/var/lib/kubelet/plugins", "/opt", "/tmp", "/dev", "/sbin", "/root", "/home", "/mnt", "/srv", "/anywhere"];
        string[] paths = [.. folders.Select(folder => $"{folder}/{name}/made")];
        Assert.Equal("", await Ours.AskPodAsync($"{name}-writes", $"for f in /made/*; do echo left >$f/file; done 2>{Answer}", OfHost(paths, "DirectoryOrCreate")));
        Assert.DoesNotContain(folders, folder => Path.Exists($"{folder}/{name}"));
        Assert.Equal(string.Concat(Enumerable.Repeat("left\n", paths.Length)), await Ours.AskPodAsync($"{name}-reads", $"cat /made/*/file >{Answer}", OfHost(paths)));
        Assert.Equal("", await Ours.AskPodAsync($"{name}-elsewhere", $"ls /made/* | grep file >{Answer}", OfHost(paths, "DirectoryOrCreate"), node: 1));
    }

    [Fact]
    public async Task The_kernel_that_nodes_share_is_not_a_pods_to_change()
    {
        var script = $"""
            cgroup=$(find /host/sys/fs/cgroup -maxdepth 4 -path '*/flotilla/{clusters.Theirs.Network.ClusterId}' | head -n 1)
            for file in /host/proc/sys/kernel/core_pattern /host/proc/sysrq-trigger $cgroup/cgroup.procs $cgroup/node-0/cgroup.procs /host/sys/kernel/mm/transparent_hugepage/enabled; do
              echo 0 2>/dev/null >$file && echo "$file can be written" >>{Answer}
            done
            [ -n "$cgroup" ] && echo looked >>{Answer}
            """;
        Assert.Equal("looked\n", await Ours.AskPodAsync(name, script, OfHost("/", "/host")));
    }

    [Fact]
    public async Task A_pod_with_its_nodes_processes_sees_no_others_and_none_of_their_files()
    {
        var script = $"""
            cd /proc
            for p in [0-9]*; do tr '\0' ' ' <$p/cmdline; echo; done >{Answer}
            ls 1/root/ && printf 'root-%s' open >>{Answer}
            """;
        var seen = await Ours.AskPodAsync(name, script, spec => spec.HostPID = true);
        Assert.StartsWith("/bin/sh -c trap exit TERM", seen, StringComparison.Ordinal);
        Assert.Contains("/nodeagent run", seen, StringComparison.Ordinal);
        foreach (var other in (string[])["clustercore", "node-1 ", clusters.Theirs.Network.ClusterId, "root-open"]) { Assert.DoesNotContain(other, seen, StringComparison.Ordinal); }
    }

    [Fact]
    public async Task A_collector_finds_the_logs_of_its_node()
    {
        var talker = await Ours.RunPodAsync($"{name}-talker", $"echo said by {name}; trap 'exit 0' TERM; while :; do sleep 1 & wait; done");
        var link = $"{name}-talker_default_main-{talker.Status.ContainerStatuses![0].ContainerID!["containerd://".Length..]}.log";
        var log = $"/var/log/pods/default_{name}-talker_{talker.Metadata.Uid}/main/0.log";
        var collected = await Ours.AskPodAsync(
            $"{name}-collector", $"until grep 'said by' /var/log/containers/{link} >{Answer}; do sleep 1; done; readlink /var/log/containers/{link} >>{Answer}", OfHost("/var/log", "/var/log"));
        Assert.Matches($@"^\S+ stdout F said by {name}\n{log}\n$", collected);

        var links = Path.Combine(Ours.DiskOf(0), "root", "var", "log", "containers");
        Assert.Contains(link, Directory.GetFiles(links).Select(Path.GetFileName));
        (await Ours.Client.DeleteAsync(Kinds.Pods, "default", $"{name}-talker", CancellationToken.None)).OrThrow();
        await Eventually.TrueAsync(() => !Directory.GetFiles(links).Any(file => Path.GetFileName(file) == link), "the link is gone", TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(() => !Directory.Exists($"{Ours.DiskOf(0)}/root/var/log/pods/default_{name}-talker_{talker.Metadata.Uid}"), "and the pod's logs");
    }

    /// <summary>Each at <c>/made/</c> and its number.</summary>
    private static Action<PodSpec> OfHost(string[] paths, string? type = null) => spec =>
    {
        spec.Volumes = [.. paths.Select((path, index) => new Volume { Name = $"v{index}", HostPath = new() { Path = path, Type = type } })];
        spec.Containers![0].VolumeMounts = [.. paths.Select((_, index) => new VolumeMount { Name = $"v{index}", MountPath = $"/made/{index}" })];
    };

    private static Action<PodSpec> OfHost(string path, string mountPath) => spec =>
    {
        spec.Volumes = [new() { Name = "host", HostPath = new() { Path = path } }];
        spec.Containers![0].VolumeMounts = [new() { Name = "host", MountPath = mountPath }];
    };
}
