using Flotilla.Benchmarks.Controllers;
using Flotilla.Benchmarks.ControlPlane;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Benchmarks.Node;

/// <summary>What one simulated node more costs: of a process with thousands of them, the memory beyond that of a process with one.</summary>
internal static class SimulatedNodeWeight
{
    private const int Nodes = 5000;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var directory = new ScratchDirectory();
        await using var controlPlane = await RunningControlPlane.StartAsync(directory.Path, cancellationToken);
        using var client = ApiClient.Create(Kubeconfig.Load(controlPlane.Kubeconfig));
        long alone;
        await using (var one = await SimulatedFleet.StartAsync(client, controlPlane.Kubeconfig, directory.Path, "one", 1, cancellationToken))
        {
            await Task.Delay(Settling, cancellationToken);
            alone = one.ProportionalSetSize;
        }

        (await client.DeleteAsync(Kinds.Nodes, null, "one", cancellationToken)).OrThrow();
        await using var fleet = await SimulatedFleet.StartAsync(client, controlPlane.Kubeconfig, directory.Path, "many", Nodes, cancellationToken);
        await Task.Delay(Settling, cancellationToken);
        Print("simulated nodes: KB per node at 5,000", fleet, alone, "no pods");

        var workload = new Workload(client);
        await workload.CreateAsync("web", Nodes, cancellationToken);
        await Until.TrueAsync(async () => await workload.RunningAsync("web", cancellationToken) == Nodes, cancellationToken);
        await Task.Delay(Settling, cancellationToken);
        Print("simulated nodes: KB per node at 5,000, each with a pod", fleet, alone, "5,000 pods");
    }

    private static void Print(string name, SimulatedFleet fleet, long alone, string load) =>
        new Figure(name, Math.Round((fleet.ProportionalSetSize - alone) / 1024.0 / Nodes, 1), "KB", 1, load).Print();
}
