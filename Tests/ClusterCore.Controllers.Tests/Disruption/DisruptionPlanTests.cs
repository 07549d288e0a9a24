using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Disruption;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Disruption;

public sealed class DisruptionPlanTests
{
    [Theory]
    // min available, max unavailable, scale, healthy pods, allowed
    [InlineData("2", null, 3, 3, 1)]
    [InlineData("50%", null, 5, 5, 2)]
    [InlineData(null, "1", 3, 3, 1)]
    [InlineData(null, "1", 3, 2, 0)]
    [InlineData(null, "30%", 10, 10, 3)]
    [InlineData("5", null, 3, 3, 0)]
    public void What_may_be_evicted_is_what_is_healthy_beyond_the_minimum(string? min, string? max, int scale, int healthy, int allowed)
    {
        var plan = DisruptionPlan.Compute(Budget(min, max), A.Pods(healthy), new(scale), A.Noon);
        Assert.Equal(allowed, plan.Status.DisruptionsAllowed);
        Assert.Equal(allowed > 0 ? "SufficientPods" : "InsufficientPods", plan.Status.Conditions![0].Reason);
    }

    [Fact]
    public void An_eviction_under_way_counts_until_it_shows_or_two_minutes_have_passed()
    {
        var budget = Budget(null, "1");
        budget.Status.DisruptedPods = new Dictionary<string, DateTimeOffset> { ["web-0"] = A.Noon };
        var plan = DisruptionPlan.Compute(budget, A.Pods(3), new(3), A.Noon.AddMinutes(1));
        Assert.Equal((0, TimeSpan.FromMinutes(1)), (plan.Status.DisruptionsAllowed, plan.RequeueAfter));
        Assert.Equal(1, DisruptionPlan.Compute(budget, A.Pods(3), new(3), A.Noon.AddMinutes(2)).Status.DisruptionsAllowed);
    }

    private static PodDisruptionBudget Budget(string? min, string? max) => new()
    {
        Metadata = A.Meta("budget"),
        Spec = new() { MinAvailable = Value(min), MaxUnavailable = Value(max), Selector = A.Selector() },
    };

    private static IntOrString? Value(string? text) =>
        text is null ? (IntOrString?)null : int.TryParse(text, out var number) ? new IntOrString(number) : new IntOrString(text);
}
