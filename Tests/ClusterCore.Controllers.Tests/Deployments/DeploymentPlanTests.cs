using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Deployments;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.Deployments;

public sealed class DeploymentPlanTests
{
    [Fact]
    public void The_first_replica_set_is_made_at_full_size()
    {
        var plan = DeploymentPlan.Compute(A.Deployment(3), [], [], A.Noon);
        Assert.Equal(3, plan.Create?.Replicas);
        Assert.Equal(1, plan.Revision);
    }

    [Theory]
    [InlineData(10, "25%", "25%", 10, 0, 3)]
    [InlineData(10, "0", "25%", 10, 0, 0)]
    [InlineData(10, "100%", "0", 10, 0, 10)]
    [InlineData(4, "1", "1", 4, 1, 1)]
    public void A_new_template_grows_as_surge_allows(int replicas, string surge, string unavailable, int old, int @new, int expected)
    {
        var deployment = Rolling(replicas, surge, unavailable);
        ReplicaSet[] sets = @new == 0 ? [Old(deployment, old, old)] : [Old(deployment, old, old), New(deployment, @new, @new)];
        var plan = DeploymentPlan.Compute(deployment, sets, [], A.Noon);
        var size = plan.Create?.Replicas ?? plan.Scales.FirstOrDefault(scale => scale.ReplicaSet.Metadata.Name == "web-new")?.Replicas ?? @new;
        Assert.Equal(expected, size);
    }

    [Theory]
    // replicas, surge, unavailable, old size, old available, new size, new available, old size after
    [InlineData(10, "3", "2", 10, 10, 3, 0, 8)]
    [InlineData(10, "3", "2", 10, 5, 3, 3, 5)]
    [InlineData(10, "3", "2", 8, 8, 5, 5, 3)]
    [InlineData(10, "3", "0", 10, 10, 3, 0, 10)]
    [InlineData(1, "1", "0", 1, 1, 1, 1, 0)]
    public void Old_pods_go_as_availability_allows(
        int replicas, string surge, string unavailable, int old, int oldAvailable, int @new, int newAvailable, int expected)
    {
        var deployment = Rolling(replicas, surge, unavailable);
        ReplicaSet[] sets = [Old(deployment, old, oldAvailable), New(deployment, @new, newAvailable)];
        var scales = RollingUpdate.ScaleDownOld(new Rollout(deployment, sets));
        Assert.Equal(expected, scales.Count == 0 ? old : Assert.Single(scales).Replicas);
    }

    [Fact]
    public void Recreate_first_takes_all_old_pods_down_and_waits_for_them()
    {
        var deployment = A.Deployment(2);
        deployment.Spec.Strategy = new() { Type = "Recreate" };
        var old = Old(deployment, 2, 2);
        var down = DeploymentPlan.Compute(deployment, [old], A.Pods(2, old), A.Noon);
        Assert.Equal(0, Assert.Single(down.Scales).Replicas);

        old.Spec.Replicas = 0;
        Assert.Null(DeploymentPlan.Compute(deployment, [old], A.Pods(1, old), A.Noon).Create);
        Assert.Equal(2, DeploymentPlan.Compute(deployment, [old], [], A.Noon).Create?.Replicas);
    }

    [Fact]
    public void A_paused_deployment_makes_no_new_replica_set_but_scales()
    {
        var deployment = A.Deployment(5);
        deployment.Spec.Paused = true;
        var plan = DeploymentPlan.Compute(deployment, [Old(deployment, 3, 3)], [], A.Noon);
        Assert.Null(plan.Create);
        Assert.Equal(5, Assert.Single(plan.Scales).Replicas);
        var progressing = plan.Status.Conditions!.Single(condition => condition.Type == "Progressing");
        Assert.Equal(("Unknown", "DeploymentPaused"), (progressing.Status, progressing.Reason));
    }

    [Fact]
    public void Scaling_in_the_middle_of_a_rollout_is_shared_out_by_size()
    {
        var deployment = Rolling(20, "0", "5");
        var old = Annotated(Old(deployment, 8, 8), desired: 10, max: 10);
        var @new = Annotated(New(deployment, 2, 2), desired: 10, max: 10);
        var plan = DeploymentPlan.Compute(deployment, [old, @new], [], A.Noon);
        Assert.Equal([("web-old", 16), ("web-new", 4)], plan.Scales.Select(scale => (scale.ReplicaSet.Metadata.Name, scale.Replicas)));
    }

    [Fact]
    public void A_template_used_before_gets_the_next_revision_again()
    {
        var deployment = A.Deployment(1);
        var older = New(deployment, 0, 0, revision: 1);
        var present = Old(deployment, 1, 1, revision: 2);
        Assert.Equal(3, DeploymentPlan.Compute(deployment, [older, present], [], A.Noon).Revision);
    }

    [Fact]
    public void Replica_sets_beyond_the_history_limit_go_once_the_rollout_is_complete()
    {
        var deployment = A.Deployment(1);
        deployment.Spec.RevisionHistoryLimit = 1;
        deployment.Status = new() { Replicas = 1, UpdatedReplicas = 1, AvailableReplicas = 1, ObservedGeneration = 1 };
        ReplicaSet[] sets = [Old(deployment, 0, 0, "first", 1), Old(deployment, 0, 0, "second", 2), New(deployment, 1, 1, revision: 3)];
        Assert.Equal("first", Assert.Single(DeploymentPlan.Compute(deployment, sets, [], A.Noon).Delete).Metadata.Name);
        deployment.Status.AvailableReplicas = 0;
        Assert.Empty(DeploymentPlan.Compute(deployment, sets, [], A.Noon).Delete);
    }

    [Fact]
    public void A_rollout_that_gets_no_further_runs_out_of_time()
    {
        var deployment = A.Deployment(1);
        deployment.Status = new()
        {
            Replicas = 1,
            UpdatedReplicas = 1,
            UnavailableReplicas = 1,
            ObservedGeneration = 1,
            Conditions = [new() { Type = "Progressing", Status = "True", Reason = "ReplicaSetUpdated", LastUpdateTime = A.Noon, LastTransitionTime = A.Noon }],
        };
        var set = New(deployment, 1, 0);
        var waiting = DeploymentPlan.Compute(deployment, [set], [], A.Noon.AddSeconds(100));
        Assert.Equal(TimeSpan.FromSeconds(501), waiting.RequeueAfter);
        var late = DeploymentPlan.Compute(deployment, [set], [], A.Noon.AddSeconds(601));
        var progressing = late.Status.Conditions!.Single(condition => condition.Type == "Progressing");
        Assert.Equal(("False", "ProgressDeadlineExceeded", "ReplicaSet \"web-new\" has timed out progressing."),
            (progressing.Status, progressing.Reason, progressing.Message));
    }

    [Fact]
    public void A_complete_rollout_says_so()
    {
        var deployment = A.Deployment(2);
        var plan = DeploymentPlan.Compute(deployment, [New(deployment, 2, 2)], [], A.Noon);
        Assert.Equal(
            [("Available", "True", "MinimumReplicasAvailable"), ("Progressing", "True", "NewReplicaSetAvailable")],
            plan.Status.Conditions!.Select(condition => (condition.Type, condition.Status, condition.Reason)));
    }

    [Theory]
    [InlineData("1", "DeploymentRollback")]
    [InlineData("0", "DeploymentRollback")]
    [InlineData("2", "DeploymentRollbackTemplateUnchanged")]
    [InlineData("9", "DeploymentRollbackRevisionNotFound")]
    public void A_rollback_is_asked_for_by_annotation(string revision, string reason)
    {
        var deployment = A.Deployment(1);
        deployment.Metadata.Annotations = A.Labels("deprecated.deployment.rollback.to", revision);
        ReplicaSet[] sets = [Old(deployment, 0, 0, revision: 1), New(deployment, 1, 1, revision: 2)];
        Assert.Equal(reason, Rollback.Compute(deployment, sets)?.Reason);
    }

    private static Deployment Rolling(int replicas, string surge, string unavailable)
    {
        var deployment = A.Deployment(replicas);
        deployment.Spec.Strategy!.RollingUpdate = new() { MaxSurge = Value(surge), MaxUnavailable = Value(unavailable) };
        return deployment;

        static IntOrString Value(string text) => int.TryParse(text, out var number) ? number : text;
    }

    private static ReplicaSet Old(Deployment deployment, int size, int available, string name = "web-old", long revision = 1) =>
        Set(deployment, name, size, available, revision, A.Template("nginx:1.0"), A.Noon.AddHours(-revision - 1));

    private static ReplicaSet New(Deployment deployment, int size, int available, long revision = 2) =>
        Set(deployment, "web-new", size, available, revision, A.Template(), A.Noon.AddMinutes(-1));

    private static ReplicaSet Set(
        Deployment deployment, string name, int size, int available, long revision, Client.Json.RawJson template, DateTimeOffset created)
    {
        var set = A.ReplicaSet(size, name, deployment);
        set.Metadata.CreationTimestamp = created;
        set.Metadata.Annotations = A.Labels("deployment.kubernetes.io/revision", $"{revision}");
        set.Spec.Template = template;
        set.Status = new() { Replicas = size, AvailableReplicas = available, ReadyReplicas = available, ObservedGeneration = 1 };
        return set;
    }

    private static ReplicaSet Annotated(ReplicaSet set, int desired, int max)
    {
        set.Metadata.Annotations = A.Labels(
            "deployment.kubernetes.io/desired-replicas", $"{desired}", "deployment.kubernetes.io/max-replicas", $"{max}");
        return set;
    }
}
