using System.Text.Json.Nodes;
using Flotilla.NodeAgent.Network.Cni;
using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Routes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Network.Tests;

public sealed class RouteTests
{
    [Fact]
    public void Each_other_node_with_a_range_and_an_address_gets_a_route()
    {
        var routes = PodRoutes.Of([Node("me", "10.244.0.0/24", "100.64.0.2"), Node("other", "10.244.1.0/24", "100.64.0.3"), Node("new", null, "100.64.0.4"), Node("odd", "10.244.2.0/24", null)], "me");
        Assert.Equal([new PodRoute("10.244.1.0/24", "100.64.0.3")], routes);
    }

    [Fact]
    public async Task Missing_routes_are_added_moved_ones_replaced_and_old_ones_removed()
    {
        var commands = new ScriptedCommands("""[{"dst":"10.244.1.0/24","gateway":"100.64.0.3"},{"dst":"10.244.2.0/24","gateway":"100.64.0.4"},{"dst":"10.244.9.0/24","gateway":"100.64.0.9"}]""");
        await new RouteTable(commands).ApplyAsync(
            new HashSet<PodRoute> { new("10.244.1.0/24", "100.64.0.3"), new("10.244.2.0/24", "100.64.0.5"), new("10.244.3.0/24", "100.64.0.6") }, CancellationToken.None);
        Assert.Equal(
        [
            "ip -j route show proto 186",
            "ip route replace 10.244.2.0/24 via 100.64.0.5 proto 186",
            "ip route replace 10.244.3.0/24 via 100.64.0.6 proto 186",
            "ip route del 10.244.9.0/24 proto 186",
        ], commands.Ran);
    }

    [Theory, InlineData(true, "bridge"), InlineData(false, "ptp")]
    public void The_pod_network_is_a_bridge_where_its_packets_can_be_translated(bool bridgeFilter, string plugin)
    {
        var list = JsonNode.Parse(CniConfiguration.For("10.244.3.0/24", "/var/lib/addresses", bridgeFilter))!;
        Assert.Equal([plugin, "portmap"], list["plugins"]!.AsArray().Select(one => (string)one!["type"]!));
        Assert.Equal("10.244.3.0/24", (string)list["plugins"]![0]!["ipam"]!["ranges"]![0]![0]!["subnet"]!);
    }

    private static ClusterCore.Client.Objects.Node Node(string name, string? range, string? ip)
    {
        var node = A.Node(name);
        node.Spec!.PodCIDR = range;
        node.Status!.Addresses = ip is null ? null : [new() { Type = "InternalIP", Address = ip }];
        return node;
    }

    private sealed class ScriptedCommands(string answer) : ICommandRunner
    {
        public List<string> Ran { get; } = [];

        public Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
        {
            Ran.Add($"{program} {string.Join(' ', arguments)}");
            return Task.FromResult(Ran.Count == 1 ? answer : "");
        }
    }
}
