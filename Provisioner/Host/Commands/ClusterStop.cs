using System.Globalization;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Machines.ControlPlanes;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Nodes;

namespace Flotilla.Provisioner.Host.Commands;

/// <summary>Stops what runs on this machine, found by what lies on its disk: for when the whole platform goes down.</summary>
internal sealed class ClusterStop(string home, IMachine machine)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var clusters = Children(Path.Combine(home, "clusters")).ToList();
        await Parallel.ForEachAsync(clusters, cancellationToken, async (cluster, token) => await StopAsync(cluster, token));
        return 0;
    }

    private async Task StopAsync(string clusterId, CancellationToken cancellationToken)
    {
        var directory = Path.Combine(home, "clusters", clusterId);
        foreach (var node in Children(Path.Combine(directory, "nodes")))
        {
            await machine.StopNodeAsync(new NodeId(clusterId, node), cancellationToken);
        }
        foreach (var member in Children(Path.Combine(directory, "masters")))
        {
            var id = new ControlPlaneId(clusterId, int.Parse(member, CultureInfo.InvariantCulture));
            await machine.StopControlPlaneAsync(id, cancellationToken);
            await machine.StopEtcdAsync(id, cancellationToken);
        }
        // A network is found by its cluster's id alone.
        await machine.RemoveClusterNetworkAsync(new ClusterNetwork(clusterId, 0, 0), cancellationToken);
    }

    private static IEnumerable<string> Children(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path))
        : [];
}
