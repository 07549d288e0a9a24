using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

[assembly: AssemblyFixture(typeof(Flotilla.ClusterCore.Controllers.Tests.Integration.ControlPlane))]

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>
/// A real control plane with all its components, as a process of its own, and one node whose pods run as soon as they are bound and
/// end as soon as they are deleted.
/// </summary>
public sealed class ControlPlane : IAsyncLifetime
{
    private const string NodeName = "node-0";
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("flotilla-controllers-");
    private readonly CancellationTokenSource stopping = new();
    private Process? process;
    private Task node = Task.CompletedTask;

    public ApiClient Client { get; private set; } = null!;

    /// <summary>The administrator's; a test that is somebody else changes it.</summary>
    public Kubeconfig Kubeconfig { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var kubeconfig = Path.Combine(directory.FullName, "kubeconfig");
        process = Start(kubeconfig, FreePort());
        await Eventually.TrueAsync(() => new FileInfo(kubeconfig) is { Exists: true, Length: > 0 }, "the kubeconfig is written");
        Kubeconfig = Kubeconfig.Load(kubeconfig);
        Client = ApiClient.Create(Kubeconfig);
        await Eventually.TrueAsync(IsReadyAsync, "the control plane is ready");
        await RegisterNodeAsync();
        node = RunPodsAsync(stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await node.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Client?.Dispose();
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process?.Dispose();
        stopping.Dispose();
        directory.Delete(recursive: true);
    }

    /// <summary>A namespace for one test, with its service account.</summary>
    public async Task<string> NamespaceAsync()
    {
        var name = $"test-{Guid.NewGuid().ToString("N")[..8]}";
        (await Client.CreateAsync(Kinds.Namespaces, new Namespace { Metadata = new() { Name = name } }, CancellationToken.None)).OrThrow();
        await Eventually.TrueAsync(
            async () => (await Client.GetAsync(Kinds.ServiceAccounts, name, "default", CancellationToken.None)).Succeeded,
            "the namespace has its service account");
        return name;
    }

    public async Task CreateAsync<T>(ResourceType<T> type, string ns, string json) where T : KubernetesObject =>
        (await Client.CreateAsync(type, ns, (JsonObject)JsonNode.Parse(json)!, CancellationToken.None)).OrThrow();

    public async Task MergeAsync<T>(ResourceType<T> type, string ns, string name, string json) where T : KubernetesObject =>
        (await Client.PatchAsync(type, ns, name, Patch.Merge(JsonNode.Parse(json)!), CancellationToken.None)).OrThrow();

    public async Task<T?> GetAsync<T>(ResourceType<T> type, string? ns, string name) where T : KubernetesObject =>
        (await Client.GetAsync(type, ns, name, CancellationToken.None)).Value;

    public async Task<List<T>> ListAsync<T>(ResourceType<T> type, string ns) where T : KubernetesObject =>
        (await Client.ListAsync(type, ns, CancellationToken.None)).OrThrow().Items;

    private Process Start(string kubeconfig, int port)
    {
        var start = new ProcessStartInfo(Executable())
        {
            ArgumentList =
            {
                "serve", "--data-dir", Path.Combine(directory.FullName, "data"), "--listen", $"127.0.0.1:{port}",
                "--write-kubeconfig", kubeconfig,
            },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var started = Process.Start(start)!;
        // Read and dropped: a full pipe would stop the process.
        started.OutputDataReceived += (_, _) => { };
        started.ErrorDataReceived += (_, _) => { };
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    private static string Executable()
    {
        for (var up = new DirectoryInfo(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            var candidate = Path.Combine(up.FullName, "artifacts", "bin", "ClusterCore.Host", "debug", "clustercore");
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }
        throw new FileNotFoundException("clustercore is not built");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await Client.GetAsync(Kinds.Namespaces, null, "default", CancellationToken.None)).Succeeded;
        }
        catch (HttpRequestException)
        {
            // Not listening yet.
            return false;
        }
    }

    private async Task RegisterNodeAsync()
    {
        var created = await Client.CreateAsync(
            Kinds.Nodes, new Node { Metadata = new() { Name = NodeName, Labels = A.Labels("kubernetes.io/hostname", NodeName) } }, CancellationToken.None);
        created.OrThrow();
        var now = TimeConverter.ToText(TimeProvider.System.GetUtcNow());
        var status = $$$$"""
            {"status":{"capacity":{"cpu":"64","memory":"256Gi","pods":"2000"},"allocatable":{"cpu":"64","memory":"256Gi","pods":"2000"},
             "conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastHeartbeatTime":"{{{{now}}}}","lastTransitionTime":"{{{{now}}}}"}]}}
            """;
        (await Client.PatchStatusAsync(Kinds.Nodes, null, NodeName, Patch.Merge(JsonNode.Parse(status)!), CancellationToken.None)).OrThrow();
        await Client.CreateAsync(Kinds.Leases, Lease(), CancellationToken.None);
    }

    private static Lease Lease() => new()
    {
        Metadata = new() { Namespace = "kube-node-lease", Name = NodeName },
        Spec = new() { HolderIdentity = NodeName, LeaseDurationSeconds = 40, RenewTime = TimeProvider.System.GetUtcNow() },
    };

    private async Task RunPodsAsync(CancellationToken cancellationToken)
    {
        var pods = new Informer<Pod>(Client, Kinds.Pods);
        var addresses = 0;
        pods.AddHandler(change =>
        {
            if (change.New is { Spec.NodeName: NodeName } pod)
            {
                _ = AdvanceAsync(pod, Interlocked.Increment(ref addresses), cancellationToken);
            }
        });
        await Task.WhenAll(pods.RunAsync(cancellationToken), HeartbeatAsync(cancellationToken));
    }

    private async Task HeartbeatAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
            var lease = (await Client.GetAsync(Kinds.Leases, "kube-node-lease", NodeName, cancellationToken)).OrThrow();
            await Client.UpdateAsync(Kinds.Leases, lease with { Spec = Lease().Spec }, cancellationToken);
        }
    }

    /// <summary>Pods labelled <c>end</c> finish at once as the label says; others run and are ready.</summary>
    private async Task AdvanceAsync(Pod pod, int number, CancellationToken cancellationToken)
    {
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            var now = new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = pod.Metadata.Uid };
            await Client.DeleteAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, cancellationToken, now);
            return;
        }
        var end = pod.Metadata.Labels?.GetValueOrDefault("end");
        if (pod.Status.Phase is not ("Pending" or null) || end == "never-starts")
        {
            return;
        }
        var time = TimeConverter.ToText(TimeProvider.System.GetUtcNow());
        var status = $$$$"""
            {"status":{"phase":"{{{{end ?? "Running"}}}}","podIP":"10.244.0.{{{{number % 250 + 1}}}}","startTime":"{{{{time}}}}",
             "conditions":[{"type":"Ready","status":"{{{{(end is null ? "True" : "False")}}}}","lastTransitionTime":"{{{{time}}}}"}]}}
            """;
        await Client.PatchStatusAsync(
            Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, Patch.Merge(JsonNode.Parse(status)!), cancellationToken);
    }
}
