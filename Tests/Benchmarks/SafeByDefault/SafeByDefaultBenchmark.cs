using Flotilla.Benchmarks.Controllers;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Benchmarks.SafeByDefault;

/// <summary>The manifests that must not hurt: how fast kubectl is answered through each, and what memory it takes the control plane.</summary>
public sealed class SafeByDefaultBenchmark : IBenchmark
{
    private const int Nodes = 20;
    private const string Load = "kubectl, API server, store, scheduler, controllers and 20 simulated nodes on the same cores";
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(60);

    public string Name => "safe-by-default";

    public string Description => "kubectl's p99 and the control plane's memory through five manifests that must not hurt a cluster";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var mishap in Mishap.All) { await MeasureAsync(mishap, cancellationToken); }
    }

    private static async Task MeasureAsync(Mishap mishap, CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        await using var controlPlane = await RunningControlPlane.StartAsync(directory.Path, cancellationToken);
        using var client = ApiClient.Create(Kubeconfig.Load(controlPlane.Kubeconfig));
        await using var fleet = await SimulatedFleet.StartAsync(client, controlPlane.Kubeconfig, directory.Path, "sim", Nodes, cancellationToken);
        var cluster = new MishapCluster(client, new(controlPlane.Kubeconfig));
        await mishap.PrepareAsync(cluster, cancellationToken);

        await using var onlooker = Onlooker.Start(cluster.Kubectl, () => controlPlane.ProportionalSetSize, cancellationToken);
        await mishap.HappenAsync(cluster, cancellationToken);
        await onlooker.StopAsync();
        Print($"{mishap.Name}: kubectl p99", onlooker.Answers.Percentile(99) / 1000, "s", onlooker.Answers.Count);
        Print($"{mishap.Name}: kubectl p50", onlooker.Answers.Median / 1000, "s", onlooker.Answers.Count);
        Print($"{mishap.Name}: memory, highest (PSS)", onlooker.Memory.Percentile(100), "MiB", 1);
        await Task.Delay(Aftermath, cancellationToken);
        Print($"{mishap.Name}: memory a minute later (PSS)", controlPlane.ProportionalSetSize / 1048576.0, "MiB", 1);
    }

    private static void Print(string name, double value, string unit, int runs) => new Figure(name, Math.Round(value, 2), unit, runs, Load).Print();
}
