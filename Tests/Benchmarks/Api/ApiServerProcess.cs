using System.Text;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Benchmarks.Api;

/// <summary>An API server of its own, with its durable store, and connections to it.</summary>
internal sealed class ApiServerProcess : IAsyncDisposable
{
    private readonly ScratchDirectory directory = new();
    private readonly List<Http2Connection> connections = [];
    private IServedApi process = null!;
    private Kubeconfig kubeconfig = null!;

    private ApiServerProcess()
    {
    }

    public TimeSpan CpuTime => process.CpuTime;

    public double Megabytes => Math.Round(process.ProportionalSetSize / 1048576.0, 1);

    /// <summary>Our own: <c>clustercore serve --components apiserver</c>.</summary>
    public static Task<ApiServerProcess> StartAsync(CancellationToken cancellationToken) =>
        StartAsync(async directory => await RunningControlPlane.StartAsync(directory, cancellationToken, "--components", "apiserver"));

    /// <param name="start">Starts what is served from the directory.</param>
    public static async Task<ApiServerProcess> StartAsync(Func<string, Task<IServedApi>> start)
    {
        var server = new ApiServerProcess();
        server.process = await start(server.directory.Path);
        server.kubeconfig = Kubeconfig.Load(server.process.Kubeconfig);
        return server;
    }

    /// <summary>Connections with the client certificate of the kubeconfig; they are closed with the server.</summary>
    public async Task<Http2Connection[]> ConnectAsync(int count, CancellationToken cancellationToken)
    {
        var opened = new Http2Connection[count];
        for (var i = 0; i < count; i++) { connections.Add(opened[i] = await Http2Connection.OpenAsync(kubeconfig, cancellationToken)); }
        return opened;
    }

    public async Task CreateAsync(Http2Connection connection, string collection, string json, CancellationToken cancellationToken)
    {
        var status = await connection.SendAsync("POST", collection, Encoding.UTF8.GetBytes(json), cancellationToken);
        if (status != 201) { throw new InvalidOperationException($"POST {collection} was answered {status}."); }
    }

    /// <summary>A namespace of this name, with so many ConfigMaps of 1 KB: <c>c0</c>, <c>c1</c>, …</summary>
    public async Task FillAsync(string name, int count, CancellationToken cancellationToken)
    {
        var clients = await ConnectAsync(16, cancellationToken);
        await CreateAsync(clients[0], "/api/v1/namespaces", Manifests.Namespace(name), cancellationToken);
        await clients.ForAllAsync(count, (client, i) =>
            CreateAsync(client, $"/api/v1/namespaces/{name}/configmaps", Manifests.ConfigMap($"c{i}"), cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in connections) { await connection.DisposeAsync(); }
        await process.DisposeAsync();
        await directory.DisposeAsync();
    }
}
