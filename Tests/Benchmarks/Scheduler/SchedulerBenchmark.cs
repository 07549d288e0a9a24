using System.Diagnostics;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.TestKit;

namespace Flotilla.Benchmarks.Scheduler;

/// <summary>
/// One <c>clustercore serve</c> with API server, embedded store and scheduler, in a process of its own; nodes are Node
/// objects without agents, made like the pods by the load generator on the same cores.
/// </summary>
internal sealed class SchedulerBenchmark : IBenchmark
{
    private const int Pods = 5000;
    private const int WarmUp = 3000;
    private const int Sample = 1000;
    private const int Crowd = 30_000;

    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(60);

    public string Name => "scheduler";

    public string Description => "pods scheduled per second on 1,000 and 5,000 nodes, with anti-affinity and spread; CPU per pod, empty and full";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await MeasureAsync("scheduler 5,000 pods, 1,000 nodes", 1000, PodShape.Plain, Pods, cancellationToken);
        await MeasureAsync("scheduler 5,000 pods, 5,000 nodes", 5000, PodShape.Plain, Pods, cancellationToken);
        await MeasureAsync("scheduler 2,000 pods with required anti-affinity, 1,000 nodes", 1000, PodShape.AntiAffinity, 2000, cancellationToken);
        await MeasureAsync("scheduler 2,000 pods with topology spread, 1,000 nodes", 1000, PodShape.Spread, 2000, cancellationToken);
        await CompareCostAsync(cancellationToken);
    }

    /// <summary>
    /// Twice: pods that wait when the process starts, which leaves out what their creation costs, from when it listens, its scheduler
    /// yet to read the cluster, to the binding of the last; and pods from the first one's creation to the last one's binding.
    /// </summary>
    private static async Task MeasureAsync(string name, int nodes, PodShape shape, int pods, CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        var port = LoopbackPort.Free();
        await using (var apiServer = await RunningControlPlane.StartAsync(directory.Path, port, cancellationToken, "--components", "apiserver"))
        {
            using var load = new ClusterLoad(apiServer.Kubeconfig);
            await load.CreateNodesAsync(nodes, cancellationToken);
            await load.CreatePodsAsync(shape, "waiting", pods, cancellationToken);
        }

        using var generator = new ClusterLoad(Path.Combine(directory.Path, "kubeconfig"));
        await using var controlPlane = await RunningControlPlane.StartAsync(directory.Path, port, cancellationToken, "--components", "apiserver,scheduler");
        await generator.WaitForBoundAsync(pods, cancellationToken);
        Print(name, pods / generator.Elapsed.TotalSeconds, "pods/s", "pods wait, load generator watches");

        var (both, cpu) = await TimeAsync(controlPlane, async () =>
        {
            await generator.CreatePodsAsync(shape, "created", pods, cancellationToken);
            await generator.WaitForBoundAsync(2 * pods, cancellationToken);
        });
        Print($"{name}, creation included", pods / both.TotalSeconds, "pods/s", $"load generator creates them with {ClusterLoad.Clients} clients");
        Print($"{name}, creation included, CPU per pod", cpu.TotalMilliseconds / pods, "ms", $"load generator creates them with {ClusterLoad.Clients} clients");
        Print($"{name}, memory afterwards (PSS)", controlPlane.ProportionalSetSize / 1048576.0, "MiB", "load generator idle");
        await Task.Delay(Aftermath, cancellationToken);
        Print($"{name}, memory a minute later (PSS)", controlPlane.ProportionalSetSize / 1048576.0, "MiB", "load generator idle");
    }

    private static async Task CompareCostAsync(CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        await using var controlPlane = await RunningControlPlane.StartAsync(directory.Path, cancellationToken, "--components", "apiserver,scheduler");
        using var load = new ClusterLoad(controlPlane.Kubeconfig);
        await load.CreateNodesAsync(1000, cancellationToken);
        await ScheduleAsync("warm-up", WarmUp);
        var empty = await ScheduleAsync("first", Sample);
        var crowded = load.Bound + Crowd;
        await load.CreatePodsAsync(PodShape.Placed, "crowd", Crowd, cancellationToken);
        await load.WaitForBoundAsync(crowded, cancellationToken);
        var full = await ScheduleAsync("last", Sample);
        new Figure($"scheduler CPU per pod, {Crowd} pods placed", Math.Round(full, 3), "ms", 1, "creation included", Math.Round(empty, 3)).Print();

        async Task<double> ScheduleAsync(string name, int pods)
        {
            var bound = load.Bound + pods;
            var (_, cpu) = await TimeAsync(controlPlane, async () =>
            {
                await load.CreatePodsAsync(PodShape.Plain, name, pods, cancellationToken);
                await load.WaitForBoundAsync(bound, cancellationToken);
            });
            return cpu.TotalMilliseconds / pods;
        }
    }

    private static async Task<(TimeSpan Elapsed, TimeSpan Cpu)> TimeAsync(RunningControlPlane controlPlane, Func<Task> work)
    {
        var (started, before) = (Stopwatch.GetTimestamp(), controlPlane.CpuTime);
        await work();
        return (Stopwatch.GetElapsedTime(started), controlPlane.CpuTime - before);
    }

    private static void Print(string name, double value, string unit, string load) => new Figure(name, Math.Round(value, 3), unit, 1, load).Print();
}
