using System.Collections.Concurrent;
using System.Diagnostics;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.Benchmarks.Node;

/// <summary>Makes pods at a rate and measures each from the request for it to the watch event that says it is Ready.</summary>
internal sealed class PodStarts(SandboxedCluster cluster)
{
    private const string Forever = "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public async Task<Samples> RunAsync(string name, int count, int perSecond, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var ready = new ConcurrentDictionary<string, TaskCompletionSource<long>>(StringComparer.Ordinal);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
        var watch = WatchAsync(ready, watching.Token);
        var samples = new Samples();
        var pods = new List<Task<double>>();
        for (var index = 0; index < count; index++)
        {
            pods.Add(StartAsync($"{name}-{index}", ready, either.Token));
            await Task.Delay(TimeSpan.FromSeconds(1.0 / perSecond), cancellationToken);
        }

        foreach (var seconds in await Task.WhenAll(pods)) { samples.Add(seconds); }
        await watching.CancelAsync();
        await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return samples;
    }

    private async Task<double> StartAsync(string name, ConcurrentDictionary<string, TaskCompletionSource<long>> ready, CancellationToken cancellationToken)
    {
        var seen = ready[name] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = Stopwatch.GetTimestamp();
        (await cluster.Client.CreateAsync(Kinds.Pods, Pod(name), cancellationToken)).OrThrow();
        return Stopwatch.GetElapsedTime(started, await seen.Task.WaitAsync(cancellationToken)).TotalSeconds;
    }

    private async Task WatchAsync(ConcurrentDictionary<string, TaskCompletionSource<long>> ready, CancellationToken cancellationToken)
    {
        await foreach (var change in cluster.Client.WatchAsync(Kinds.Pods, "default", new(), cancellationToken))
        {
            if (change.Object is { } pod && SandboxedCluster.IsReady(pod) && ready.TryGetValue(pod.Metadata.Name, out var seen)) { seen.TrySetResult(Stopwatch.GetTimestamp()); }
        }
    }

    // Through the scheduler, as a user's pod.
    private static Pod Pod(string name) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        Spec = new() { TerminationGracePeriodSeconds = 0, Containers = [new() { Name = "main", Image = SandboxedCluster.Image, Command = ["sh", "-c", Forever] }] },
    };
}
