using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Scheduler.Tests.Integration;

/// <summary>A <c>clustercore serve</c>, as a process of its own.</summary>
internal sealed class Member : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("flotilla-member-");
    private readonly ConcurrentQueue<string> output = [];
    private readonly Process process;

    private Member(Func<Member, string[]> options)
    {
        process = Process.Start(new ProcessStartInfo(Executable(), ["serve", .. options(this)])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public ApiClient Client { get; private set; } = null!;

    private string DataDirectory => Path.Combine(directory.FullName, "data");

    private string KubeconfigFile => Path.Combine(directory.FullName, "kubeconfig");

    /// <param name="sibling">Whose keys it shares: members of one control plane have the same.</param>
    public static async Task<Member> StartAsync(Member? sibling, params string[] options)
    {
        var member = new Member(own =>
        {
            if (sibling is not null) { own.CopyKeys(sibling); }
            return ["--data-dir", own.DataDirectory, "--listen", $"127.0.0.1:{LoopbackPort.Free()}", "--write-kubeconfig", own.KubeconfigFile, .. options];
        });
        await Eventually.TrueAsync(
            () => new FileInfo(member.KubeconfigFile) is { Exists: true, Length: > 0 }, "the kubeconfig is written", Patience);
        member.Client = ApiClient.Create(Kubeconfig.Load(member.KubeconfigFile));
        await Eventually.TrueAsync(member.IsReadyAsync, "the member is ready", Patience);
        return member;
    }

    /// <summary>A process of a scheduler and controllers for this member's API server.</summary>
    public Member StartClients() => new(_ => ["--components", "scheduler,controllers", "--kubeconfig", KubeconfigFile]);

    /// <summary>A client whose requests pass the handler first.</summary>
    public ApiClient ClientThrough(DelegatingHandler handler)
    {
        var kubeconfig = Kubeconfig.Load(KubeconfigFile);
        handler.InnerHandler = ApiConnection.CreateHandler(kubeconfig);
        return new(new HttpMessageInvoker(handler), kubeconfig.Server);
    }

    public bool Says(string text) => output.Any(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>kill -9: nothing is released and nobody is told.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task CreateAsync<T>(ResourceType<T> type, string? ns, string json) where T : KubernetesObject =>
        (await Client.CreateAsync(type, ns, JsonNode.Parse(json)!.AsObject(), CancellationToken.None)).OrThrow();

    /// <param name="labels">More of them, as JSON: <c>"zone":"a"</c>.</param>
    public Task CreateNodeAsync(string name, string cpu = "16", string? labels = null) => CreateAsync(Kinds.Nodes, null, $$$"""
        {"metadata":{"name":"{{{name}}}","labels":{"kubernetes.io/hostname":"{{{name}}}"{{{(labels is null ? "" : "," + labels)}}}}},
         "status":{"allocatable":{"cpu":"{{{cpu}}}","memory":"64Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}}
        """);

    public async Task<List<T>> ListAsync<T>(ResourceType<T> type, string? ns) where T : KubernetesObject =>
        (await Client.ListAsync(type, ns, CancellationToken.None)).OrThrow().Items;

    public async Task WaitForBoundAsync(int count) => await Eventually.TrueAsync(
        async () => (await ListAsync(Kinds.Pods, "default")).Count(pod => pod.Spec.NodeName is not null) == count, $"{count} pods are bound", Patience);

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!process.HasExited) { await KillAsync(); }
        process.Dispose();
        directory.Delete(recursive: true);
    }

    private void CopyKeys(Member sibling)
    {
        var own = Directory.CreateDirectory(Path.Combine(DataDirectory, "pki"));
        foreach (var name in (string[])["ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key", "sa.key", "sa.pub"])
        {
            File.Copy(Path.Combine(sibling.DataDirectory, "pki", name), Path.Combine(own.FullName, name));
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return (await Client.GetAsync(Kinds.Namespaces, null, "default", CancellationToken.None)).Succeeded;
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet
        }
    }

    public static string Executable()
    {
        for (var up = new DirectoryInfo(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            var candidate = Path.Combine(up.FullName, "artifacts", "bin", "ClusterCore.Host", "debug", "clustercore");
            if (File.Exists(candidate)) { return candidate; }
        }
        throw new FileNotFoundException("clustercore is not built");
    }
}
