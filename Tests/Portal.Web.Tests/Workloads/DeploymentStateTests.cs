using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Portal.Web.Workloads;

namespace Flotilla.Portal.Web.Tests.Workloads;

public sealed class DeploymentStateTests
{
    [Theory]
    [InlineData(3, 3, 3, 3, 1, 1, "Available")]
    [InlineData(3, 3, 3, 2, 1, 1, "Progressing")]
    [InlineData(3, 4, 3, 3, 1, 1, "Progressing")]
    [InlineData(3, 3, 3, 3, 2, 1, "Progressing")]
    [InlineData(0, 0, 0, 0, 1, 1, "Available")]
    public void A_rollout_is_over_when_all_replicas_are_new_and_available(
        int wanted, int replicas, int updated, int available, int generation, int observed, string state)
    {
        var deployment = new Deployment
        {
            Metadata = new() { Generation = generation },
            Spec = new() { Replicas = wanted },
            Status = new() { Replicas = replicas, UpdatedReplicas = updated, AvailableReplicas = available, ObservedGeneration = observed },
        };

        Assert.Equal(state, DeploymentState.Of(deployment));
    }

    [Fact]
    public void A_rollout_past_its_deadline_has_failed() => Assert.Equal("Failed", DeploymentState.Of(new()
    {
        Status = new() { Conditions = [new() { Type = "Progressing", Status = "False", Reason = "ProgressDeadlineExceeded" }] },
    }));
}
