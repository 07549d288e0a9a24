using System.Diagnostics;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Machines.ControlPlanes;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Nodes;
using NodeSpec = Flotilla.Provisioner.Machines.Nodes.NodeSpec;

namespace Flotilla.TestKit.Sandboxes;

/// <summary>
/// A real cluster on this machine, made of what the platform makes clusters of: a control plane, and nodes in sandboxes with containerd
/// and agent. Nothing of it is left when it is disposed. Needs root and the published tools in <c>bin/</c>.
/// </summary>
public sealed class SandboxedCluster : IAsyncDisposable
{
    public const string Image = "flotilla.local/busybox:1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static int clusters;

    private readonly string home = Directory.CreateTempSubdirectory("flotilla-sandbox-").FullName;
    private readonly string bin;
    private readonly LocalMachine machine;
    private readonly List<NodeSpec> nodes = [];
    private string? kubeconfig;
    private ApiClient? client;

    private SandboxedCluster(string bin)
    {
        this.bin = bin;
        var number = Interlocked.Increment(ref clusters);
        RunDirectory = $"/run/fltk-{Environment.ProcessId}-{number}";
        // Out of the upper half, where no platform that allocates from below gets to.
        Network = new("k" + Guid.NewGuid().ToString("N")[..8], 2048 + (((Environment.ProcessId * 8) + number) % 1900), LoopbackPort.Free());
        machine = new(new() { Home = home, BinDirectory = bin, RunDirectory = RunDirectory }, TimeProvider.System);
    }

    public ClusterNetwork Network { get; }

    /// <summary>All that the platform keeps of the cluster on this machine, as <c>FLOTILLA_HOME</c> holds it.</summary>
    public string Home => home;

    /// <summary>Sockets and process records.</summary>
    public string RunDirectory { get; }

    public ApiClient Client => client ?? throw new InvalidOperationException("not started");

    public IReadOnlyList<NodeSpec> Nodes => nodes;

    /// <summary>With the admin's certificate, for tools.</summary>
    public string KubeconfigFile => Path.Combine(home, "clusters", Network.ClusterId, "masters", "0", "admin.kubeconfig");

    /// <param name="bin">Where <c>clustercore</c> and <c>nodeagent</c> are.</param>
    public static async Task<SandboxedCluster> StartAsync(string bin, int nodes = 1)
    {
        var cluster = new SandboxedCluster(bin);
        try
        {
            await cluster.BuildImagesAsync();
            await cluster.StartControlPlaneAsync();
            for (var index = 0; index < nodes; index++) { await cluster.StartNodeAsync(index); }
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One node more, Ready.</summary>
    public Task AddNodeAsync() => StartNodeAsync(nodes.Count);

    /// <summary>The sandbox of a node; of one that runs already what has died in it is started again, as the platform does.</summary>
    public async Task<NodeProcesses> EnsureNodeAsync(int index) => await machine.EnsureNodeAsync(nodes[index], CancellationToken.None);

    /// <summary>A file that <c>setns</c> and <c>nsenter --net</c> take.</summary>
    public string NetworkNamespaceOf(int node) => $"/run/netns/flt-{Network.ClusterId}-{nodes[node].Id.Name}";

    /// <summary>Of a running pod.</summary>
    public static string NetworkNamespaceOf(Pod pod) => $"/proc/{ProcessOf(pod)}/ns/net";

    /// <summary>The first process of the pod's container.</summary>
    public static int ProcessOf(Pod pod)
    {
        var container = pod.Status.ContainerStatuses is [{ ContainerID: { } id }, ..] ? id[(id.LastIndexOf('/') + 1)..] : pod.Metadata.Uid!;
        return Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
            .First(pid => pid > 0 && TextOf(pid, "cgroup").Contains(container, StringComparison.Ordinal) && IsFirst(pid));
    }

    /// <summary>What a node has of its own on this machine; its <c>/</c> is the folder <c>root</c> in it.</summary>
    public string DiskOf(int node) => Path.Combine(home, "clusters", Network.ClusterId, "nodes", nodes[node].Id.Name);

    public string ContainerdSocketOf(int node) => Path.Combine(RunDirectory, Network.ClusterId, nodes[node].Id.Name, "containerd", "containerd.sock");

    /// <summary>A pod of one busybox container that runs the script, on a node.</summary>
    public async Task<Pod> RunPodAsync(string name, string script, int node = 0)
    {
        await CreatePodAsync(name, script, node, _ => { });
        return await PodAsync(name, IsReady, "ready");
    }

    /// <summary>A pod whose container runs the script once.</summary>
    /// <returns>What the script left in <c>/dev/termination-log</c>.</returns>
    public async Task<string> AskPodAsync(string name, string script, Action<PodSpec> change, int node = 0)
    {
        await CreatePodAsync(name, script, node, spec =>
        {
            spec.RestartPolicy = "Never";
            change(spec);
        });
        var ended = await PodAsync(name, pod => pod.Status.Phase is "Succeeded" or "Failed", "ended");
        return ended.Status.ContainerStatuses![0].State!.Terminated!.Message ?? "";
    }

    private async Task CreatePodAsync(string name, string script, int node, Action<PodSpec> change)
    {
        var pod = A.Pod(name, nodes[node].Id.Name, cpu: "1m", memory: "8Mi") with { Metadata = new() { Name = name, Namespace = "default", Labels = A.Labels("app", name) }, Status = new() };
        pod.Spec.SchedulerName = null;
        pod.Spec.TerminationGracePeriodSeconds = 1;
        pod.Spec.Containers = [new() { Name = "main", Image = Image, Command = ["sh", "-c", script] }];
        change(pod.Spec);
        (await Client.CreateAsync(Kinds.Pods, pod, CancellationToken.None)).OrThrow();
    }

    public async Task<Pod> PodAsync(string name, Func<Pod, bool> condition, string what)
    {
        Pod? last = null;
        await Eventually.TrueAsync(
            async () =>
            {
                last = (await Client.GetAsync(Kinds.Pods, "default", name, CancellationToken.None)).Value;
                return last is not null && condition(last);
            },
            $"pod {name} is {what}",
            Patience);
        return last!;
    }

    public static bool IsReady(Pod pod) => pod.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        foreach (var node in nodes) { await machine.StopNodeAsync(node.Id, CancellationToken.None); }
        await machine.StopControlPlaneAsync(new(Network.ClusterId), CancellationToken.None);
        await machine.RemoveClusterNetworkAsync(Network, CancellationToken.None);
        await machine.PurgeClusterAsync(Network.ClusterId, CancellationToken.None);
        Directory.Delete(home, recursive: true);
    }

    private async Task BuildImagesAsync()
    {
        var images = Directory.CreateDirectory(Path.Combine(home, "images")).FullName;
        string[] pause = ["--entrypoint", "/bin/sh", "--entrypoint", "-c", "--entrypoint", "trap exit TERM INT; while :; do sleep 3600 & wait; done"];
        await RunAsync(Path.Combine(bin, "nodeagent"), ["image", "build", "--name", "flotilla.local/pause:1", "--binary", "/bin/busybox", .. pause, "--output", Path.Combine(images, "pause.tar")]);
        await RunAsync(Path.Combine(bin, "nodeagent"), ["image", "build", "--name", Image, "--binary", "/bin/busybox", "--entrypoint", "/bin/sh", "--output", Path.Combine(images, "busybox.tar")]);
    }

    private async Task StartControlPlaneAsync()
    {
        await machine.EnsureClusterNetworkAsync(Network, CancellationToken.None);
        var id = new ControlPlaneId(Network.ClusterId);
        await machine.EnsureControlPlaneAsync(new() { Id = id, Network = Network }, CancellationToken.None);
        await Eventually.TrueAsync(() => File.Exists(KubeconfigFile), "the control plane wrote its kubeconfig", Patience);
        await Eventually.TrueAsync(IsAnsweringAsync, "the control plane answers", Patience);
        kubeconfig = (await File.ReadAllTextAsync(KubeconfigFile)).Replace($"https://127.0.0.1:{Network.ApiPort}", $"https://{Network.Gateway}:{Network.ApiPort}", StringComparison.Ordinal);
    }

    private async Task<bool> IsAnsweringAsync()
    {
        try
        {
            client ??= ApiClient.Create(Kubeconfig.Load(KubeconfigFile));
            return (await client.GetAsync(Kinds.Namespaces, null, "default", CancellationToken.None)).Succeeded;
        }
        catch (Exception exception) when (exception is HttpRequestException or KubeconfigException)
        {
            return false; // it does not listen yet, or has not written all of the file
        }
    }

    private async Task StartNodeAsync(int index)
    {
        nodes.Add(new() { Id = new(Network.ClusterId, $"node-{index}"), Network = Network, Index = index, Kubeconfig = kubeconfig! });
        await EnsureNodeAsync(index);
        await Eventually.TrueAsync(
            async () => (await Client.GetAsync(Kinds.Nodes, null, $"node-{index}", CancellationToken.None)).Value?.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true,
            $"node-{index} is ready",
            Patience);
    }

    /// <summary>Whether it is number 1 to those that it has started; proc(5).</summary>
    private static bool IsFirst(int pid) => TextOf(pid, "status").Split('\n').Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.EndsWith("\t1", StringComparison.Ordinal));

    private static string TextOf(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // it ended while we looked
        }
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) { throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {await error}"); }
    }
}
