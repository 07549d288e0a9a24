namespace Flotilla.Benchmarks.Api;

/// <summary>
/// The API server in a process of its own: JSON over TLS and HTTP/2, one connection per client, login by client certificate,
/// the durable embedded store. CPU and memory are the server's. With <c>KUBE_APISERVER</c>, the path of a kube-apiserver of any release,
/// that one runs first, over Debian's etcd, and its figures stand beside.
/// </summary>
internal sealed class ApiBenchmark : IBenchmark
{
    private static readonly TimeSpan duration = TimeSpan.FromSeconds(4);

    public string Name => "api";

    public string Description => "creates, gets, lists, watches and memory of the API server";

    private readonly Dictionary<string, double> peers = [];
    private Action<string, double, string, string> report = static (_, _, _, _) => { };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("KUBE_APISERVER") is { Length: > 0 } program)
        {
            report = (name, value, _, _) => peers[name] = value;
            await ServingAsync(() => ApiServerProcess.StartAsync(directory => KubernetesApi.StartAsync(program, directory, cancellationToken)), cancellationToken);
        }

        report = (name, value, unit, load) => new Figure(name, value, unit, 1, load, peers.TryGetValue(name, out var peer) ? peer : null).Print();
        await ServingAsync(() => ApiServerProcess.StartAsync(cancellationToken), cancellationToken);
        await IdleWatchesAsync(cancellationToken);
        await ClusterAsync(cancellationToken);
    }

    private async Task ServingAsync(Func<Task<ApiServerProcess>> start, CancellationToken cancellationToken)
    {
        await using (var server = await start())
        {
            await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken); // what a start does afterwards is not idling
            Print("idle.memory", server.Megabytes, "MiB, PSS", "idle");
            await CreatesAsync(server, cancellationToken);
            await GetsAsync(server, cancellationToken);
            await FanOutAsync(server, cancellationToken);
        }

        await using (var server = await start())
        {
            await ListsAsync(server, cancellationToken);
            await GetsBesideListAsync(server, cancellationToken);
        }
    }

    private async Task CreatesAsync(ApiServerProcess server, CancellationToken cancellationToken)
    {
        var setUp = await server.ConnectAsync(1, cancellationToken);
        await server.CreateAsync(setUp[0], "/api/v1/namespaces", Manifests.Namespace("creates"), cancellationToken);
        Func<Http2Connection, long, Task> Create(string run) => (client, number) =>
            server.CreateAsync(client, "/api/v1/namespaces/creates/configmaps", Manifests.ConfigMap($"{run}-{number}"), cancellationToken);
        // Uncounted: until the server's code is compiled for good.
        _ = await server.RunAsync(await server.ConnectAsync(16, cancellationToken), 2 * duration, Create("warm"));
        foreach (var clients in (int[])[1, 16, 64])
        {
            Print($"create-1k-{clients}", await server.RunAsync(await server.ConnectAsync(clients, cancellationToken), duration, Create($"c{clients}")), clients);
        }
    }

    private async Task GetsAsync(ApiServerProcess server, CancellationToken cancellationToken)
    {
        const int Objects = 1000;
        await server.FillAsync("gets", Objects, cancellationToken);
        Task Get(Http2Connection client, long number) =>
            client.GetAsync($"/api/v1/namespaces/gets/configmaps/c{number % Objects}", cancellationToken);
        _ = await server.RunAsync(await server.ConnectAsync(16, cancellationToken), duration, Get);
        foreach (var clients in (int[])[1, 16, 64])
        {
            Print($"get-1k-{clients}", await server.RunAsync(await server.ConnectAsync(clients, cancellationToken), duration, Get), clients);
        }
    }

    private async Task FanOutAsync(ApiServerProcess server, CancellationToken cancellationToken)
    {
        await server.FillAsync("watched", 0, cancellationToken);
        const int Watchers = 100;
        var (_, rate) = await new WatchFanOut(server, "watched", Watchers).RunAsync(null, duration, cancellationToken);
        Print("watch-fan-out.events", rate, "per second", "100 watchers, 1 writer as fast as it is answered");
        var (delays, _) = await new WatchFanOut(server, "watched", Watchers).RunAsync(500, duration, cancellationToken);
        foreach (var percent in (int[])[50, 99])
        {
            Print($"watch-fan-out.delay-p{percent}", delays.Percentile(percent), "ms", "100 watchers, 1 writer at 500 per second: 50,000 events per second");
        }
    }

    private async Task ListsAsync(ApiServerProcess server, CancellationToken cancellationToken)
    {
        await server.FillAsync("list1000", 1_000, cancellationToken);
        await server.FillAsync("list10000", 10_000, cancellationToken);
        var client = await server.ConnectAsync(1, cancellationToken);
        foreach (var count in (int[])[1_000, 10_000])
        {
            var path = $"/api/v1/namespaces/list{count}/configmaps";
            _ = await server.RunAsync(client, duration / 4, (connection, _) => connection.GetAsync(path, cancellationToken));
            var result = await server.RunAsync(client, duration, (connection, _) => connection.GetAsync(path, cancellationToken));
            Print($"list-{count}.cpu", result.CpuPerRequest, "ms of CPU", "1 client");
            Print($"list-{count}.time-p50", result.Milliseconds.Median, "ms", "1 client");
        }

        var pages = new ListPages("/api/v1/namespaces/list10000/configmaps?limit=500");
        var walked = await server.RunAsync(client, duration, (connection, _) => pages.NextAsync(connection, cancellationToken));
        Print("list-page-500", walked.PerSecond, "per second", "1 client, 10,000 objects page by page");
        Print("list-page-500.cpu", walked.CpuPerRequest, "ms of CPU", "1 client");
    }

    private async Task GetsBesideListAsync(ApiServerProcess server, CancellationToken cancellationToken)
    {
        var clients = await server.ConnectAsync(2, cancellationToken);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lists = Task.Run(
            async () =>
            {
                while (!done.IsCancellationRequested) { await clients[0].GetAsync("/api/v1/namespaces/list10000/configmaps", cancellationToken); }
            },
            cancellationToken);
        var result = await server.RunAsync(clients[1..], duration, (client, number) =>
            client.GetAsync($"/api/v1/namespaces/list1000/configmaps/c{number % 1000}", cancellationToken));
        await done.CancelAsync();
        await lists;
        Print("get-beside-list.p99", result.Milliseconds.Percentile(99), "ms", "1 client, while another lists 10,000 objects again and again");
    }

    private async Task IdleWatchesAsync(CancellationToken cancellationToken)
    {
        await using var server = await ApiServerProcess.StartAsync(cancellationToken);
        await server.FillAsync("watched", 0, cancellationToken); // with objects, unread events would count as well
        var clients = await server.ConnectAsync(100, cancellationToken);
        foreach (var client in clients) { await client.GetAsync("/api/v1/namespaces", cancellationToken); }
        var before = server.Megabytes;
        foreach (var client in clients)
        {
            for (var i = 0; i < 10; i++) { _ = await client.StartAsync("GET", "/api/v1/namespaces/watched/configmaps?watch=true", default, cancellationToken); }
        }

        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken); // all are open by then
        Print("idle-watches.memory", server.Megabytes - before, "MiB, PSS", "1,000 watches on 100 connections that were there before");
    }

    private async Task ClusterAsync(CancellationToken cancellationToken)
    {
        await using var server = await ApiServerProcess.StartAsync(cancellationToken);
        await server.FillAsync("pods", 0, cancellationToken);
        var clients = await server.ConnectAsync(16, cancellationToken);
        await server.CreateAsync(clients[0], "/api/v1/namespaces/pods/serviceaccounts", Manifests.ServiceAccount, cancellationToken);
        await clients.ForAllAsync(1_000, (client, i) => server.CreateAsync(client, "/api/v1/nodes", Manifests.Node($"node-{i}"), cancellationToken));
        await clients.ForAllAsync(5_000, (client, i) => server.CreateAsync(client, "/api/v1/namespaces/pods/pods", Manifests.Pod($"pod-{i}"), cancellationToken));
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        Print("after-load.memory", server.Megabytes, "MiB, PSS", "1,000 nodes and 5,000 pods made by 16 clients");
    }

    private void Print(string name, LoadResult result, int clients)
    {
        var load = clients == 1 ? "1 client" : $"{clients} clients";
        Print(name, result.PerSecond, "per second", load);
        Print($"{name}.p99", result.Milliseconds.Percentile(99), "ms", load);
        Print($"{name}.cpu", result.CpuPerRequest, "ms of CPU", load);
    }

    private void Print(string name, double value, string unit, string load) => report($"api.{name}", Math.Round(value, 3), unit, load);
}
