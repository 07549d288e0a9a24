using Flotilla.Provisioner.Machines.Networks;

namespace Flotilla.Provisioner.Machines.Tests;

public sealed class ClusterNetworkTests
{
    [Theory]
    [InlineData(0, "100.64.0.0/22", "100.64.0.1", "100.64.0.2")]
    [InlineData(1, "100.64.4.0/22", "100.64.4.1", "100.64.4.2")]
    [InlineData(64, "100.65.0.0/22", "100.65.0.1", "100.65.0.2")]
    [InlineData(4095, "100.127.252.0/22", "100.127.252.1", "100.127.252.2")]
    public void Each_index_has_its_own_subnet(int index, string subnet, string gateway, string firstNode)
    {
        var network = new ClusterNetwork("c1", index, 20000);
        Assert.Equal(
            (subnet, gateway, firstNode),
            (network.Subnet, network.Gateway.ToString(), network.NodeAddress(0).ToString()));
    }

    [Theory]
    [InlineData("100.64.0.1", 0)]
    [InlineData("100.64.7.254", 1)]
    [InlineData("100.127.255.254", 4095)]
    [InlineData("100.63.255.255", null)]
    [InlineData("100.128.0.0", null)]
    [InlineData("10.0.0.1", null)]
    [InlineData("::1", null)]
    public void An_address_tells_which_network_it_is_of(string address, int? index) =>
        Assert.Equal(index, ClusterNetwork.IndexOf(System.Net.IPAddress.Parse(address)));

    [Theory, InlineData(-1), InlineData(4096)]
    public void An_index_outside_the_address_space_is_refused(int index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClusterNetwork("c1", index, 20000));

    [Fact]
    public void The_last_node_is_just_below_the_broadcast_address() =>
        Assert.Equal("100.64.3.254", new ClusterNetwork("c1", 0, 20000).NodeAddress(ClusterNetwork.MaxNodes - 1).ToString());
}
