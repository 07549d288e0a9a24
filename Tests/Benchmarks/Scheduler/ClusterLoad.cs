using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Benchmarks.Scheduler;

/// <summary>
/// Makes nodes and pods through the API, and counts the bound ones by the lines of a watch, which it does not parse. It asks for the watch
/// until it is given one.
/// </summary>
internal sealed class ClusterLoad : IDisposable
{
    public const int Clients = 32;

    private const string Namespace = "/api/v1/namespaces/bench";
    private readonly HttpClient http;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task watching;
    private long answered;
    private long last;
    private int bound;

    public ClusterLoad(string kubeconfig)
    {
        var connection = Kubeconfig.Load(kubeconfig);
        http = new(ApiConnection.CreateHandler(connection))
        {
            BaseAddress = connection.Server,
            DefaultRequestVersion = HttpVersion.Version20,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        watching = CountBoundAsync(stopping.Token);
    }

    public int Bound => Volatile.Read(ref bound);

    /// <summary>From when the server answered the watch, as the first thing it did, to the last pod that the watch told of.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(answered, last);

    public async Task CreateNodesAsync(int count, CancellationToken cancellationToken)
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"name":"bench"}}""", cancellationToken);
        // The controllers would make it; they are not part of what is measured.
        await SendAsync(HttpMethod.Post, $"{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}""", cancellationToken);
        await ForEachAsync(count, async index =>
        {
            await SendAsync(HttpMethod.Post, "/api/v1/nodes", NodeJson(index), cancellationToken);
            // New nodes are tainted until a controller finds them ready.
            await SendAsync(HttpMethod.Patch, $"/api/v1/nodes/node-{index}", """{"spec":{"taints":null}}""", cancellationToken);
        }, cancellationToken);
    }

    public Task CreatePodsAsync(PodShape shape, string name, int count, CancellationToken cancellationToken) => ForEachAsync(
        count, index => SendAsync(HttpMethod.Post, $"{Namespace}/pods", shape.ToJson(name, index), cancellationToken), cancellationToken);

    public async Task WaitForBoundAsync(int count, CancellationToken cancellationToken)
    {
        while (Bound < count)
        {
            if (watching.IsCompleted) { await watching; }
            await Task.Delay(1, cancellationToken);
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        http.Dispose();
        stopping.Dispose();
    }

    private static Task ForEachAsync(int count, Func<int, Task> work, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancellationToken },
        async (index, _) => await work(index));

    private static string NodeJson(int index) => $$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"node-{{{index}}}","labels":{"kubernetes.io/hostname":"node-{{{index}}}","topology.kubernetes.io/zone":"zone-{{{index % 3}}}"}},
        "status":{"capacity":{"cpu":"32","memory":"64Gi","pods":"110"},"allocatable":{"cpu":"32","memory":"64Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}}
        """;

    private async Task SendAsync(HttpMethod method, string path, string json, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20, Content = new StringContent(json, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        using var response = await http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{method} {path}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    // A pod that gets a node enters the selection: one line each.
    private async Task CountBoundAsync(CancellationToken cancellationToken)
    {
        using var response = await WatchAsync(cancellationToken);
        answered = Stopwatch.GetTimestamp();
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (buffer.AsSpan(0, read).Count((byte)'\n') is > 0 and var lines)
            {
                last = Stopwatch.GetTimestamp();
                Volatile.Write(ref bound, bound + lines);
            }
        }
    }

    private async Task<HttpResponseMessage> WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods?watch=true&fieldSelector=spec.nodeName!%3D") { Version = HttpVersion.Version20 };
                return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(1, cancellationToken); // it does not listen yet
            }
        }
    }
}
