using System.Net;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Plans.Clusters;

namespace Flotilla.Provisioner.Plans.Tests.Clusters;

public sealed class AllocationTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("0 1", "", 2)]
    [InlineData("1", "0", 2)]
    [InlineData("0 2", "", 1)]
    public void The_first_network_that_nobody_has_is_taken(string clusters, string busy, int expected) =>
        Assert.Equal(expected, Allocation.FreeNetwork(Numbers(clusters).Select(index => Cluster(1, index: index)), Numbers(busy)));

    [Theory]
    [InlineData("", "", 1, 20000)]
    [InlineData("20000", "", 1, 20001)]
    [InlineData("20000", "20001", 1, 20002)]
    [InlineData("20004", "", 9, 20005)]
    public void The_first_ports_in_a_row_that_nobody_has_are_taken(string clusters, string busy, int count, int expected) =>
        Assert.Equal(expected, Allocation.FreePort(Numbers(clusters).Select(port => Cluster(1, port: port)), count, Numbers(busy).ToHashSet()));

    [Fact]
    public void A_cluster_of_three_masters_has_nine_ports() =>
        Assert.Equal(20009, Allocation.FreePort([Cluster(3, port: 20000)], 1, new HashSet<int>()));

    [Theory]
    [InlineData("100.64.0.1", 0)]
    [InlineData("100.64.7.255", 1)]
    [InlineData("100.127.252.1", 4095)]
    [InlineData("100.128.0.1", null)]
    [InlineData("10.0.0.1", null)]
    [InlineData("::1", null)]
    public void An_address_tells_its_network(string address, int? index) => Assert.Equal(index, ClusterNetwork.IndexOf(IPAddress.Parse(address)));

    private static IEnumerable<int> Numbers(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);

    private static Cluster Cluster(int masters, int? port = null, int? index = null) => new()
    {
        Id = "k3f9x2ab",
        ProjectId = Guid.Empty,
        Name = "blue",
        Purpose = ClusterPurpose.Personal,
        Masters = masters,
        Workers = 0,
        Version = "1.36",
        MachineId = Guid.Empty,
        ServerName = "blue",
        CreatedBy = "test",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Port = port,
        NetworkIndex = index,
    };
}
