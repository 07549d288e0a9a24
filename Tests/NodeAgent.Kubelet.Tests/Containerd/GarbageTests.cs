using System.Diagnostics;
using System.Security.Cryptography;
using Flotilla.ClusterCore.Client;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Containerd;
using Flotilla.NodeAgent.Runtime.Cri;
using Flotilla.NodeAgent.Runtime.Images;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>What a node throws away: images when its disk fills up, and what containers and pods leave behind.</summary>
public sealed class GarbageTests(NodeFixture node)
{
    /// <summary>One image takes about a tenth of the disk, packed and unpacked.</summary>
    private const int DiskMegabytes = 160, ImageMegabytes = 8;

    [Fact]
    public Task The_node_tells_which_images_it_has() => Eventually.TrueAsync(
        () => node.Api.Get(Kinds.Nodes, null, "node-0")?.Status.Images?.Any(image => image is { SizeBytes: > 0 } && image.Names!.Contains(NodeFixture.Image)) == true,
        "the image of all tests",
        TimeSpan.FromSeconds(60));

    [Fact]
    public async Task Images_go_when_the_disk_is_fuller_than_it_may_be_those_unused_for_longest_first()
    {
        await using var machine = await SmallDiskAsync(options => options with { ImageGcHighPercent = 60, ImageGcLowPercent = 55 });
        await ImportAsync(machine, "in-use");
        await ImportAsync(machine, "used-before");
        await ImportAsync(machine, "never-used");
        await RunAsync(machine, "keeps-image", "in-use");
        await RunAsync(machine, "leaves-image", "used-before");
        await EndAsync("leaves-image");
        Assert.Superset(Names("busybox", "in-use", "never-used", "pause", "used-before"), await ImagesAsync(machine));

        await FillUntilGoneAsync(machine, "never-used");
        Assert.Superset(Names("in-use", "pause", "used-before"), await ImagesAsync(machine));

        await FillUntilGoneAsync(machine, "used-before");
        Assert.Superset(Names("in-use", "pause"), await ImagesAsync(machine));

        // What all sandboxes are made from is never garbage, although no container was made from it.
        await RunAsync(machine, "still-starts", "in-use");
    }

    [Fact]
    public async Task A_disk_that_images_do_not_fill_is_told_of_and_new_images_are_kept()
    {
        await using var machine = await SmallDiskAsync(options => options with { ImageGcHighPercent = 60, ImageGcLowPercent = 50, ImageMinAge = TimeSpan.FromHours(1) });
        await RunAsync(machine, "knows-its-images", "busybox");
        await ImportAsync(machine, "just-come");
        await FillToAsync(machine, 80);
        await node.EventAsync(machine.Name, "FreeDiskSpaceFailed", "Failed to garbage collect required amount of images. Attempted to free ");
        await node.EventAsync(machine.Name, "ImageGCFailed", "Failed to garbage collect required amount of images. Attempted to free ");
        Assert.Superset(Names("busybox", "just-come", "pause"), await ImagesAsync(machine));
    }

    [Fact]
    public async Task Of_a_container_that_crashes_only_its_last_end_is_kept()
    {
        await using var machine = await node.StartAsync(options => options with { ContainerGcInterval = TimeSpan.FromSeconds(1) });
        using var runtime = new ContainerdRuntime(machine.Containerd.Socket);
        var pod = node.Run("crashes", "echo said; exit 3", pod => pod.Spec.NodeName = machine.Name);
        await node.PodAsync("crashes", found => found.Status.ContainerStatuses?[0] is { RestartCount: 1, State.Waiting.Reason: "CrashLoopBackOff" }, "backs off");
        await Eventually.TrueAsync(
            async () => (await runtime.ListContainersAsync(pod.Metadata.Uid, CancellationToken.None)).Select(container => container.Metadata.Attempt).SequenceEqual([1u]),
            "the first is forgotten");
        var logs = Path.Combine(machine.Containerd.NodeDirectory, "logs", "pods", $"default_crashes_{pod.Metadata.Uid}", "main");
        await Eventually.TrueAsync(() => Directory.GetFiles(logs).Select(Path.GetFileName).SequenceEqual(["1.log"]), "and what it said");
        var last = (await runtime.ListContainersAsync(pod.Metadata.Uid, CancellationToken.None)).Single().Id;
        var link = new FileInfo(Path.Combine(machine.Containerd.NodeDirectory, "logs", "containers", $"crashes_default_main-{last}.log"));
        Assert.Equal([link.FullName], link.Directory!.GetFiles().Select(file => file.FullName));
        Assert.Equal(Path.Combine(logs, "1.log"), link.LinkTarget);
        await node.PodAsync("crashes", found => found.Status.ContainerStatuses?[0].LastState?.Terminated is { ExitCode: 3 }, "its last end is told");
    }

    [Fact]
    public async Task Sandboxes_that_were_replaced_go()
    {
        await using var machine = await node.StartAsync(options => options with { ContainerGcInterval = TimeSpan.FromSeconds(1) });
        using var runtime = new ContainerdRuntime(machine.Containerd.Socket);
        await node.RunOnAsync(machine, "moves");
        var uid = node.Api.Get(Kinds.Pods, "default", "moves")!.Metadata.Uid;
        var first = (await runtime.ListPodSandboxesAsync(uid, CancellationToken.None)).Single();
        await runtime.StopPodSandboxAsync(first.Id, CancellationToken.None);
        await node.EventAsync("moves", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        var moved = await node.PodAsync("moves", pod => pod.Status.ContainerStatuses?[0] is { Ready: true, RestartCount: > 0 }, "it runs");

        // The last end of its container is still kept in the old one: only another end makes it garbage.
        await runtime.StopContainerAsync(moved.Status.ContainerStatuses![0].ContainerID!["containerd://".Length..], TimeSpan.Zero, null, CancellationToken.None);
        await Eventually.TrueAsync(
            async () => await runtime.ListPodSandboxesAsync(uid, CancellationToken.None) is [{ Metadata.Attempt: 1 } only] && only.Id != first.Id, "there is one sandbox, the other", TimeSpan.FromSeconds(40));
        await node.PodAsync("moves", pod => pod.Status.ContainerStatuses?[0] is { Ready: true, RestartCount: > 1 }, "it runs again");
    }

    [Fact]
    public async Task A_sandbox_of_a_pod_that_nobody_knows_is_ended()
    {
        using var runtime = new ContainerdRuntime(node.Containerd.Socket);
        PodSandboxConfig config = new()
        {
            Metadata = new() { Name = "stranger", Namespace = "default", Uid = "stranger-uid" },
            Hostname = "stranger",
            LogDirectory = Path.Combine(node.Containerd.NodeDirectory, "logs", "pods", "default_stranger_stranger-uid"),
            Linux = new() { CgroupParent = $"{node.Containerd.CgroupRoot}/kubepods/besteffort/podstranger-uid" },
            Labels = { { CriLabels.PodUid, "stranger-uid" } },
        };
        await runtime.RunPodSandboxAsync(config, "", CancellationToken.None);
        Assert.Single(await runtime.ListPodSandboxesAsync("stranger-uid", CancellationToken.None));
        await Eventually.TrueAsync(async () => (await runtime.ListPodSandboxesAsync("stranger-uid", CancellationToken.None)).Count == 0, "it is gone", TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task What_pods_left_that_nobody_knows_any_more_goes()
    {
        await using var machine = await node.StartAsync(options => options with { ContainerGcInterval = TimeSpan.FromSeconds(1) });
        await node.RunOnAsync(machine, "known");
        var known = node.Api.Get(Kinds.Pods, "default", "known")!.Metadata.Uid;
        var home = machine.Containerd.NodeDirectory;
        var volume = Directory.CreateDirectory(Path.Combine(home, "pods", "lost-uid", "volumes", "kubernetes.io~empty-dir", "memory")).FullName;
        await machine.Containerd.MountAsync(volume, "1m");
        await File.WriteAllTextAsync(Path.Combine(volume, "file"), "left");
        Directory.CreateDirectory(Path.Combine(home, "logs", "pods", "default_lost_lost-uid", "main"));
        var links = Path.Combine(home, "logs", "containers");
        var (dangling, foreign) = (Path.Combine(links, "lost_default_main-0123456789.log"), Path.Combine(links, "not-the-kubelets.log"));
        File.CreateSymbolicLink(dangling, Path.Combine(home, "logs", "pods", "default_lost_lost-uid", "main", "0.log"));
        File.CreateSymbolicLink(foreign, "/nowhere");
        var cgroup = new Cgroup($"{machine.Containerd.CgroupRoot}/kubepods/besteffort/podlost-uid");
        using var left = Process.Start("sleep", "1000");
        cgroup.Child("container").Take(left.Id);
        await left.WaitForExitAsync().WaitAsync(Eventually.Limit);
        await Eventually.TrueAsync(() => !cgroup.Exists, "its cgroup is gone");
        await Eventually.TrueAsync(() => !Directory.Exists(Path.Combine(home, "pods", "lost-uid")), "its files are gone");
        await Eventually.TrueAsync(() => !Directory.Exists(Path.Combine(home, "logs", "pods", "default_lost_lost-uid")), "its logs are gone");
        Assert.True(Directory.Exists(Path.Combine(home, "pods", known!)));
        await Eventually.TrueAsync(() => !new FileInfo(dangling).Exists && new FileInfo(dangling).LinkTarget is null, "and the link to one");
        Assert.NotNull(new FileInfo(foreign).LinkTarget);
        Assert.True(Directory.Exists(Path.Combine(home, "logs", "pods", $"default_known_{known}")));
        Assert.True(node.Api.Get(Kinds.Pods, "default", "known")!.Status.ContainerStatuses![0].Ready);
    }

    private Task<RunningKubelet> SmallDiskAsync(Func<KubeletOptions, KubeletOptions> change) => node.StartAsync(
        options => change(options with { ImageMinAge = TimeSpan.Zero, ImageGcInterval = TimeSpan.FromSeconds(1), EvictionThresholds = [] }), imageDiskSize: $"{DiskMegabytes}m");

    private static async Task ImportAsync(RunningKubelet machine, string name)
    {
        var image = new OciImageBuilder($"flotilla.local/{name}:1") { Command = ["sh"] };
        await image.AddBusyboxAsync("/bin/busybox", CancellationToken.None);
        image.AddFile("/ballast", RandomNumberGenerator.GetBytes(ImageMegabytes << 20));
        var archive = Path.GetTempFileName();
        await using (var output = File.Create(archive))
        {
            image.WriteTo(output);
        }

        await machine.Containerd.ImportAsync(archive);
        File.Delete(archive);
    }

    private async Task RunAsync(RunningKubelet machine, string name, string image)
    {
        node.Run(name, "sleep 1000", pod => (pod.Spec.NodeName, pod.Spec.Containers![0].Image) = (machine.Name, $"flotilla.local/{image}:1"));
        await node.PodAsync(name, pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
    }

    private async Task EndAsync(string name)
    {
        node.Delete(node.Api.Get(Kinds.Pods, "default", name)!);
        await Eventually.TrueAsync(() => node.Api.Get(Kinds.Pods, "default", name) is null, $"{name} is gone");
    }

    /// <summary>Fills again and again: what an image took is free some time after its name is gone.</summary>
    private static Task FillUntilGoneAsync(RunningKubelet machine, string image) => Eventually.TrueAsync(
        async () =>
        {
            await FillToAsync(machine, 62);
            return !(await ImagesAsync(machine)).Contains(image);
        },
        $"{image} is gone",
        TimeSpan.FromSeconds(30));

    /// <summary>Writes what is no image until so many percent of the image disk are in use.</summary>
    private static async Task FillToAsync(RunningKubelet machine, int percent)
    {
        var disk = new DriveInfo(machine.Containerd.ImageDirectory);
        var missing = Math.Max(0, (disk.TotalSize * percent / 100) - (disk.TotalSize - disk.AvailableFreeSpace));
        await File.WriteAllBytesAsync(Path.Combine(machine.Containerd.ImageDirectory, $"filler-{Guid.NewGuid():N}"), new byte[missing]);
    }

    private static async Task<ISet<string>> ImagesAsync(RunningKubelet machine)
    {
        using var runtime = new ContainerdRuntime(machine.Containerd.Socket);
        return (await runtime.ListImagesAsync(CancellationToken.None)).SelectMany(image => image.RepoTags).Select(tag => tag.Split('/')[1].Split(':')[0]).ToHashSet();
    }

    private static ISet<string> Names(params string[] names) => names.ToHashSet();
}
