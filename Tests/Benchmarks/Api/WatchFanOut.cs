using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Flotilla.Benchmarks.Api;

/// <summary>Watchers of one namespace, each on a connection of its own, and one writer.</summary>
internal sealed class WatchFanOut(ApiServerProcess server, string @namespace, int watchers)
{
    /// <summary>Of the n-th write: how many watchers have it, when it was acknowledged, when the last one got it.</summary>
    private readonly List<(int Seen, long Acknowledged, long Delivered)> writes = [];

    private readonly Lock gate = new();
    private int delivered;

    /// <param name="perSecond">The writer's pace; null: as fast as it is answered.</param>
    /// <returns>Milliseconds from acknowledgement to the last watcher's delivery, and events delivered in a second.</returns>
    public async Task<(Samples Delays, double EventsPerSecond)> RunAsync(int? perSecond, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writer = (await server.ConnectAsync(1, cancellationToken))[0];
        // From now on: what is there already is not asked for.
        var path = $"/api/v1/namespaces/{@namespace}/configmaps?watch=true&resourceVersion={await VersionAsync(writer, cancellationToken)}";
        var watching = (await server.ConnectAsync(watchers, cancellationToken)).Select(client => WatchAsync(client, path, stop.Token)).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // all watches are open by then
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            while (perSecond is { } pace && clock.Elapsed.TotalSeconds < (double)writes.Count / pace) { await Task.Delay(1, cancellationToken); }
            lock (gate) { writes.Add(default); }
            var number = writes.Count - 1;
            await server.CreateAsync(writer, $"/api/v1/namespaces/{@namespace}/configmaps", Manifests.ConfigMap($"w{perSecond}-{number}"), cancellationToken);
            lock (gate) { writes[number] = writes[number] with { Acknowledged = Stopwatch.GetTimestamp() }; }
        }

        while (Volatile.Read(ref delivered) < writes.Count * watchers) { await Task.Delay(10, cancellationToken); }
        var rate = delivered / clock.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(watching);
        return (Delays(), rate);
    }

    /// <summary>Delivered before the writer heard of it counts as no delay.</summary>
    private Samples Delays()
    {
        var delays = new Samples();
        foreach (var write in writes) { delays.Add(Math.Max(0, Stopwatch.GetElapsedTime(write.Acknowledged, write.Delivered).TotalMilliseconds)); }
        return delays;
    }

    private async Task<string> VersionAsync(Http2Connection client, CancellationToken cancellationToken)
    {
        var list = "";
        await client.GetAsync($"/api/v1/namespaces/{@namespace}/configmaps?limit=1", cancellationToken, data => list += Encoding.UTF8.GetString(data.Span));
        using var parsed = JsonDocument.Parse(list);
        return parsed.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
    }

    private async Task WatchAsync(Http2Connection client, string path, CancellationToken cancellationToken)
    {
        var seen = 0;
        try
        {
            _ = await client.SendAsync("GET", path, default, cancellationToken, data => seen = Count(data.Span, seen));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return; // all is delivered
        }
    }

    /// <summary>One line is one event, and with one writer the n-th event is the n-th write.</summary>
    private int Count(ReadOnlySpan<byte> data, int seen)
    {
        var lines = data.Count((byte)'\n');
        var now = Stopwatch.GetTimestamp();
        lock (gate)
        {
            for (var i = seen; i < seen + lines; i++)
            {
                var write = writes[i];
                writes[i] = write with { Seen = write.Seen + 1, Delivered = now };
            }

            delivered += lines;
        }

        return seen + lines;
    }
}
