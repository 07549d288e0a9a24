using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Placement;

namespace Flotilla.ClusterCore.Client.Tests.Placement;

public sealed class TolerationsTests
{
    private static readonly Taint Taint = new() { Key = "tier", Value = "3", Effect = "NoExecute" };

    [Theory]
    [InlineData("tier", "Equal", "3", "NoExecute", true)]
    [InlineData("tier", null, "3", null, true)]
    [InlineData("tier", "", "3", "", true)]
    [InlineData("tier", "Equal", "4", "NoExecute", false)]
    [InlineData("tier", "Equal", null, "NoExecute", false)]
    [InlineData("tier", "Exists", null, "NoExecute", true)]
    [InlineData("tier", "Exists", null, "NoSchedule", false)]
    [InlineData("rank", "Exists", null, "NoExecute", false)]
    [InlineData(null, "Exists", null, null, true)]
    [InlineData(null, "Equal", "3", null, true)]
    [InlineData("tier", "Gt", "2", null, false)]
    [InlineData("tier", "Lt", "4", null, false)]
    [InlineData("tier", "exists", null, null, false)]
    public void A_taint_is_tolerated_or_not(string? key, string? operation, string? value, string? effect, bool expected) =>
        Assert.Equal(expected, new Toleration { Key = key, Operator = operation, Value = value, Effect = effect }.Tolerates(Taint));

    [Fact]
    public void One_toleration_of_many_is_enough_and_none_is_not()
    {
        Assert.True(((Toleration[])[new() { Key = "other", Operator = "Exists" }, new() { Operator = "Exists" }]).Tolerates(Taint));
        Assert.False(((Toleration[]?)null).Tolerates(Taint));
        Assert.True(((Toleration[])[new() { Key = "tier", Operator = "Equal" }]).Tolerates(Taint with { Value = null }));
    }
}
