using Flotilla.ClusterCore.Controllers.Namespaces;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Namespaces;

public sealed class NamespacePlanTests
{
    [Fact]
    public void An_empty_namespace_may_go() => Assert.True(NamespacePlan.Compute(A.Namespace(), new([], [], []), A.Noon).Finalize);

    [Fact]
    public void What_is_left_is_said_and_waited_for()
    {
        var left = new RemainingContent("pods.", 2, new Dictionary<string, int> { ["example.com/hold"] = 1 }, TimeSpan.FromSeconds(30));
        var plan = NamespacePlan.Compute(A.Namespace(), new([left], [], []), A.Noon);
        Assert.False(plan.Finalize);
        Assert.Equal(TimeSpan.FromSeconds(15), plan.RequeueAfter);
        var messages = plan.Status.Conditions!.Where(condition => condition.Status == "True").Select(condition => condition.Message);
        Assert.Equal(
            [
                "Some resources are remaining: pods. has 2 resource instances",
                "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
            ],
            messages);
    }

    [Fact]
    public void What_could_not_be_listed_or_deleted_keeps_the_namespace()
    {
        Assert.False(NamespacePlan.Compute(A.Namespace(), new([], ["/apis/x: down"], []), A.Noon).Finalize);
        Assert.False(NamespacePlan.Compute(A.Namespace(), new([], [], ["forbidden"]), A.Noon).Finalize);
    }
}
