using System.Diagnostics;
using Flotilla.Benchmarks.ControlPlane;

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
    /// Twice: pods that wait when the scheduler starts (the first of them warm it up), which leaves out what their creation
    /// costs; and pods from the first one's creation to the last one's binding.
    /// </summary>
    private static async Task MeasureAsync(string name, int nodes, PodShape shape, int pods, CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        await using (var apiServer = await RunningControlPlane.StartAsync(directory.Path, cancellationToken, "--components", "apiserver"))
        {
            using var load = new ClusterLoad(apiServer.Kubeconfig);
            await load.CreateNodesAsync(nodes, cancellationToken);
            await load.CreatePodsAsync(PodShape.Plain, "warm-up", WarmUp, cancellationToken);
            await load.CreatePodsAsync(shape, "waiting", pods, cancellationToken);
        }

        await using var controlPlane = await RunningControlPlane.StartAsync(directory.Path, cancellationToken, "--components", "apiserver,scheduler");
        using var generator = new ClusterLoad(controlPlane.Kubeconfig);
        await generator.WaitForBoundAsync(WarmUp, cancellationToken);
        // What was bound before the load generator looked does not count.
        var left = WarmUp + pods - generator.Bound;
        var (waited, cpu) = await TimeAsync(controlPlane, () => generator.WaitForBoundAsync(WarmUp + pods, cancellationToken));
        if (left >= pods / 4)
        {
            Print(name, left / waited.TotalSeconds, "pods/s", $"{left} pods wait, load generator counts bindings");
            Print($"{name}, CPU per pod", cpu.TotalMilliseconds / left, "ms", $"{left} pods wait, load generator counts bindings");
        }

        var (both, _) = await TimeAsync(controlPlane, async () =>
        {
            await generator.CreatePodsAsync(shape, "created", pods, cancellationToken);
            await generator.WaitForBoundAsync(WarmUp + (2 * pods), cancellationToken);
        });
        Print($"{name}, creation included", pods / both.TotalSeconds, "pods/s", $"load generator creates them with {ClusterLoad.Clients} clients");
        Print($"{name}, memory afterwards (PSS)", controlPlane.ProportionalSetSize / 1048576.0, "MiB", "load generator idle");
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
