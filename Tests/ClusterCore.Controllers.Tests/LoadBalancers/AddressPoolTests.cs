using Flotilla.ClusterCore.Controllers.LoadBalancers;

namespace Flotilla.ClusterCore.Controllers.Tests.LoadBalancers;

public sealed class AddressPoolTests
{
    [Theory]
    [InlineData(null, null, "", "192.0.2.1")]
    [InlineData(null, null, "192.0.2.1", "192.0.2.2")]
    [InlineData("192.0.2.2", null, "", "192.0.2.2")]
    [InlineData(null, "192.0.2.2", "", "192.0.2.2")]
    [InlineData(null, "192.0.2.2", "192.0.2.2", null)]
    [InlineData(null, "198.51.100.1", "", null)]
    [InlineData(null, null, "192.0.2.1,192.0.2.2", null)]
    public void An_address_is_kept_wished_for_or_the_lowest_free_one(string? present, string? wished, string taken, string? expected) =>
        Assert.Equal(expected, AddressPool.Parse("192.0.2.0/30").Choose(present, wished, taken.Split(',').ToHashSet()));
}
