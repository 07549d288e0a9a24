using Flotilla.Provisioner.Machines.Commands;
using Flotilla.Provisioner.Machines.Nodes;

namespace Flotilla.Provisioner.Machines.Networks;

/// <summary>A node's network namespace and its cable, a veth pair, to the cluster's bridge.</summary>
internal sealed class NodeNetworkNamespace(CommandRunner commands)
{
    public static string FileOf(NodeId id) => $"/run/netns/{NameOf(id)}";

    public async Task EnsureAsync(NodeSpec spec, CancellationToken cancellationToken)
    {
        var name = NameOf(spec.Id);
        if (!File.Exists(FileOf(spec.Id)))
        {
            await commands.RunAsync("ip", ["netns", "add", name], cancellationToken);
        }

        await EnsureCableAsync(spec, name, cancellationToken);
        await InsideAsync(name, ["link", "set", "lo", "up"], cancellationToken);
        await InsideAsync(name, ["address", "replace", $"{spec.Address}/{ClusterNetwork.PrefixLength}", "dev", "eth0"], cancellationToken);
        await InsideAsync(name, ["link", "set", "eth0", "up"], cancellationToken);
        await InsideAsync(name, ["route", "replace", "default", "via", $"{spec.Network.Gateway}"], cancellationToken);
    }

    public async Task RemoveAsync(NodeId id, CancellationToken cancellationToken)
    {
        if (ClusterBridge.Exists(CableOf(id)))
        {
            await commands.RunAsync("ip", ["link", "delete", CableOf(id)], cancellationToken);
        }

        if (File.Exists(FileOf(id)))
        {
            await commands.RunAsync("ip", ["netns", "delete", NameOf(id)], cancellationToken);
        }
    }

    private async Task EnsureCableAsync(NodeSpec spec, string name, CancellationToken cancellationToken)
    {
        var cable = CableOf(spec.Id);
        if (!ClusterBridge.Exists(cable))
        {
            string[] add = ["link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name];
            await commands.RunAsync("ip", add, cancellationToken);
        }

        await commands.RunAsync("ip", ["link", "set", cable, "master", spec.Network.Bridge, "up"], cancellationToken);
    }

    private Task InsideAsync(string name, string[] arguments, CancellationToken cancellationToken) =>
        commands.RunAsync("ip", ["-n", name, .. arguments], cancellationToken);

    private static string NameOf(NodeId id) => $"flt-{id.ClusterId}-{id.Name}";

    /// <summary>A device name has at most 15 characters: "fln" and a hash of the node's full name.</summary>
    private static string CableOf(NodeId id) => "fln" + StableName.Of($"{id.ClusterId}/{id.Name}");
}
