using System.Diagnostics;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Benchmarks.Controllers;

/// <summary>How fast the controllers bring about what was asked for, nodes simulated on the same cores, and what they cost at rest.</summary>
public sealed class ControllersBenchmark : IBenchmark
{
    private const int Nodes = 50;
    private const int Replicas = 1000;
    private const int IdleObjects = 10_000;
    private const string Load = "API server, store, scheduler and 50 simulated nodes on the same cores";
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(20);

    /// <summary>Until what the load left behind has been given back: the heap's free pages, and the events kept for watches that resume.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    public string Name => "controllers";

    public string Description => "a Deployment of 1,000 started and rolled out, a node's death, the cost of 10,000 idle objects";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await MeasureWorkAsync(cancellationToken);
        await MeasureIdleAsync(cancellationToken);
    }

    private static async Task MeasureWorkAsync(CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        await using var controlPlane = await RunningControlPlane.StartAsync(
            directory.Path, cancellationToken, "--node-monitor-grace-period", GracePeriod.ToString());
        using var client = ApiClient.Create(Kubeconfig.Load(controlPlane.Kubeconfig));
        await using var fleet = await SimulatedFleet.StartAsync(client, controlPlane.Kubeconfig, directory.Path, "sim", Nodes, cancellationToken);
        var workload = new Workload(client);

        var cpu = controlPlane.CpuTime;
        var watch = Stopwatch.StartNew();
        await workload.CreateAsync("web", Replicas, cancellationToken);
        await Until.TrueAsync(async () => await workload.RunningAsync("web", cancellationToken) == Replicas, cancellationToken);
        Print("deployment 0 to 1,000 replicas Running", watch.Elapsed.TotalSeconds, "s");
        Print("control plane's CPU for each of them", (controlPlane.CpuTime - cpu).TotalMilliseconds / Replicas, "ms");

        cpu = controlPlane.CpuTime;
        watch.Restart();
        var rollout = await workload.RollAsync("web", cancellationToken);
        await Until.TrueAsync(async () => await workload.IsRolledOutAsync("web", rollout, Replicas, cancellationToken), cancellationToken);
        Print("rolling update of 1,000 replicas, default surge", watch.Elapsed.TotalSeconds, "s");
        Print("control plane's CPU for each replaced", (controlPlane.CpuTime - cpu).TotalMilliseconds / Replicas, "ms");

        await MeasureNodeDeathAsync(client, controlPlane.Kubeconfig, directory.Path, workload, cancellationToken);
    }

    /// <summary>The grace period counts from the last heartbeat, and so does the figure.</summary>
    private static async Task MeasureNodeDeathAsync(
        ApiClient client, string kubeconfig, string directory, Workload workload, CancellationToken cancellationToken)
    {
        const int lost = 20;
        await using var victim = await SimulatedFleet.StartAsync(client, kubeconfig, directory, "victim", 1, cancellationToken);
        await workload.CreateAsync("doomed", lost, cancellationToken, node: "victim");
        await Until.TrueAsync(async () => await workload.RunningAsync("doomed", cancellationToken) == lost, cancellationToken);
        await victim.KillAsync();
        var lease = (await client.GetAsync(Kinds.Leases, "kube-node-lease", "victim", cancellationToken)).OrThrow();
        await Until.TrueAsync(async () => await workload.ReplacedAsync("doomed", cancellationToken) == lost, cancellationToken, everyMilliseconds: 10);
        var since = TimeProvider.System.GetUtcNow() - lease.Spec.RenewTime!.Value;
        Print("node death to 20 replacement pods, beyond the grace period", (since - GracePeriod).TotalSeconds, "s");
    }

    private static async Task MeasureIdleAsync(CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        await using var controlPlane = await RunningControlPlane.StartAsync(directory.Path, cancellationToken);
        using var client = ApiClient.Create(Kubeconfig.Load(controlPlane.Kubeconfig));
        await Task.Delay(Settling, cancellationToken);
        var empty = await ShareOfCoreAsync(controlPlane, cancellationToken);
        await new Workload(client).CreateIdleAsync(IdleObjects, cancellationToken);
        await Task.Delay(Settling, cancellationToken);
        var full = await ShareOfCoreAsync(controlPlane, cancellationToken);
        new Figure("10,000 idle objects, CPU beyond an empty control plane's", Math.Round(full - empty, 3), "% of a core", 1, "nothing else").Print();
        new Figure("control plane with 10,000 idle objects, CPU", Math.Round(full, 3), "% of a core", 1, "nothing else").Print();
        new Figure("control plane with 10,000 idle objects, memory (PSS)", Math.Round(controlPlane.ProportionalSetSize / 1048576.0, 1), "MiB", 1, "nothing else").Print();
    }

    private static async Task<double> ShareOfCoreAsync(RunningControlPlane controlPlane, CancellationToken cancellationToken)
    {
        var before = controlPlane.CpuTime;
        await Task.Delay(IdleTime, cancellationToken);
        return (controlPlane.CpuTime - before) / IdleTime * 100;
    }

    private static void Print(string name, double value, string unit) => new Figure(name, Math.Round(value, 2), unit, 1, Load).Print();
}
