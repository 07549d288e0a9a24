using System.Diagnostics;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>A real <c>clustercore serve</c>, as a process of its own, and what tests ask of it.</summary>
/// <param name="components">Which parts of a control plane the process is.</param>
public abstract class ServedCluster(string components) : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("flotilla-controllers-");
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> background = [];
    private Process? process;

    public ApiClient Client { get; private set; } = null!;

    /// <summary>The administrator's; a test that is somebody else changes it.</summary>
    public Kubeconfig Kubeconfig { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var kubeconfig = Path.Combine(directory.FullName, "kubeconfig");
        process = Start(kubeconfig, LoopbackPort.Free());
        await Eventually.TrueAsync(() => new FileInfo(kubeconfig) is { Exists: true, Length: > 0 }, "the kubeconfig is written");
        Kubeconfig = Kubeconfig.Load(kubeconfig);
        Client = ApiClient.Create(Kubeconfig);
        await Eventually.TrueAsync(IsReadyAsync, "the control plane is ready");
        await FurnishAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Client?.Dispose();
        if (process is { HasExited: false })
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process?.Dispose();
        stopping.Dispose();
        directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
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

    public async Task CreateAsync<T>(ResourceType<T> type, string? ns, string json) where T : KubernetesObject =>
        (await Client.CreateAsync(type, ns, (JsonObject)JsonNode.Parse(json)!, CancellationToken.None)).OrThrow();

    public async Task MergeAsync<T>(ResourceType<T> type, string? ns, string name, string json) where T : KubernetesObject =>
        (await Client.PatchAsync(type, ns, name, Patch.Merge(JsonNode.Parse(json)!), CancellationToken.None)).OrThrow();

    public async Task MergeStatusAsync<T>(ResourceType<T> type, string? ns, string name, string json) where T : KubernetesObject =>
        (await Client.PatchStatusAsync(type, ns, name, Patch.Merge(JsonNode.Parse(json)!), CancellationToken.None)).OrThrow();

    public async Task DeleteAsync<T>(ResourceType<T> type, string? ns, string name) where T : KubernetesObject =>
        (await Client.DeleteAsync(type, ns, name, CancellationToken.None)).OrThrow();

    public async Task<T?> GetAsync<T>(ResourceType<T> type, string? ns, string name) where T : KubernetesObject =>
        (await Client.GetAsync(type, ns, name, CancellationToken.None)).Value;

    public async Task<List<T>> ListAsync<T>(ResourceType<T> type, string? ns) where T : KubernetesObject =>
        (await Client.ListAsync(type, ns, CancellationToken.None)).OrThrow().Items;

    /// <summary>What was told of an object, as <c>reason: message</c>.</summary>
    public async Task<string[]> ToldAsync(string? ns, string name) =>
        [.. (await ListAsync(Kinds.Events, ns ?? "default")).Where(told => told.InvolvedObject?.Name == name).Select(told => $"{told.Reason}: {told.Message}")];

    /// <summary>What else the cluster has, before the first test.</summary>
    protected virtual Task FurnishAsync() => Task.CompletedTask;

    /// <summary>Runs until the cluster goes.</summary>
    protected void Run(Func<CancellationToken, Task> work) => background.Add(Task.Run(() => work(stopping.Token)));

    /// <summary>Of the cluster's own keys.</summary>
    protected string KeyFile(string name) => File.ReadAllText(Path.Combine(directory.FullName, "data", "pki", name));

    private Process Start(string kubeconfig, int port)
    {
        var start = new ProcessStartInfo(Executable())
        {
            ArgumentList =
            {
                "serve", "--data-dir", Path.Combine(directory.FullName, "data"), "--listen", $"127.0.0.1:{port}",
                "--write-kubeconfig", kubeconfig, "--components", components,
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
}
