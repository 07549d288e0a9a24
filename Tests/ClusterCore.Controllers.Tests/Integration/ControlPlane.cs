[assembly: AssemblyFixture(typeof(Flotilla.ClusterCore.Controllers.Tests.Integration.ControlPlane))]

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

/// <summary>A control plane with all its components, as they are shipped, and one node.</summary>
public sealed class ControlPlane() : ServedCluster("apiserver,scheduler,controllers")
{
    protected override async Task FurnishAsync()
    {
        var node = new SimulatedNode(Client, "node-0", TimeProvider.System);
        await node.RegisterAsync(CancellationToken.None);
        Run(node.RunPodsAsync);
        Run(stop => HeartbeatAsync(node, stop));
    }

    private static async Task HeartbeatAsync(SimulatedNode node, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
            await node.RenewAsync(cancellationToken);
        }
    }
}
