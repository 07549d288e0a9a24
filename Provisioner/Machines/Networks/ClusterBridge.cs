using Flotilla.Provisioner.Machines.Commands;

namespace Flotilla.Provisioner.Machines.Networks;

/// <summary>The bridge of a cluster and the rules that keep its nodes away from everything that is not theirs.</summary>
internal sealed class ClusterBridge(CommandRunner commands)
{
    public async Task EnsureAsync(ClusterNetwork network, CancellationToken cancellationToken)
    {
        if (!Exists(network.Bridge))
        {
            await commands.RunAsync("ip", ["link", "add", network.Bridge, "type", "bridge"], cancellationToken);
        }

        await commands.RunAsync(
            "ip", ["address", "replace", $"{network.Gateway}/{ClusterNetwork.PrefixLength}", "dev", network.Bridge], cancellationToken);
        await commands.RunAsync("ip", ["link", "set", network.Bridge, "up"], cancellationToken);
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_forward", "1", cancellationToken);
        await commands.RunAsync("nft", ["-f", "-"], cancellationToken, ClusterFirewall.Render(network));
    }

    public async Task RemoveAsync(ClusterNetwork network, CancellationToken cancellationToken)
    {
        // "add" first makes the deletion of a table that is not there succeed, in one transaction.
        var table = ClusterFirewall.TableOf(network);
        await commands.RunAsync("nft", ["-f", "-"], cancellationToken, $"add table {table}\ndelete table {table}\n");
        if (Exists(network.Bridge))
        {
            await commands.RunAsync("ip", ["link", "delete", network.Bridge], cancellationToken);
        }
    }

    internal static bool Exists(string device) => Directory.Exists($"/sys/class/net/{device}");
}
