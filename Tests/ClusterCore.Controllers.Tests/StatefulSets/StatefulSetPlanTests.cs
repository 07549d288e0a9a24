using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.StatefulSets;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.StatefulSets;

public sealed class StatefulSetPlanTests
{
    [Fact]
    public void An_ordered_set_makes_one_pod_at_a_time()
    {
        var set = Set(3);
        Assert.Equal([0], Created(set));
        Assert.Empty(Created(set, Pod(0, ready: false)));
        Assert.Equal([1], Created(set, Pod(0)));
    }

    [Fact]
    public void A_parallel_set_makes_all_at_once()
    {
        var set = Set(3);
        set.Spec.PodManagementPolicy = "Parallel";
        Assert.Equal([0, 2], Created(set, Pod(1, ready: false)));
    }

    [Fact]
    public void The_highest_ordinal_goes_first_when_scaling_down()
    {
        Assert.Equal(["web-2"], Deleted(Set(1), Pod(0), Pod(1), Pod(2)));
        Assert.Empty(Deleted(Set(1), Pod(0, ready: false), Pod(1)));
    }

    [Fact]
    public void An_update_goes_from_the_top_and_stops_at_the_partition()
    {
        Assert.Equal(["web-2"], Deleted(Set(3), Pod(0, "old"), Pod(1, "old"), Pod(2, "old")));
        Assert.Equal(["web-1"], Deleted(Set(3), Pod(0, "old"), Pod(1, "old"), Pod(2)));
        Assert.Empty(Deleted(Set(3, partition: 2), Pod(0, "old"), Pod(1, "old"), Pod(2)));
    }

    [Fact]
    public void An_update_waits_for_a_pod_that_is_not_available()
    {
        Assert.Empty(Deleted(Set(2), Pod(0, "old"), Pod(1, ready: false)));
    }

    [Fact]
    public void A_failed_pod_is_deleted_so_that_it_is_made_again()
    {
        var failed = Pod(0);
        failed.Status.Phase = "Failed";
        Assert.Equal(["web-0"], Deleted(Set(1), failed));
    }

    [Fact]
    public void Pods_below_the_partition_are_made_from_the_old_revision()
    {
        var plan = StatefulSetPlan.Compute(Set(2, partition: 1), [Pod(1)], "old", "new", A.Noon);
        Assert.Equal([new NewStatefulPod(0, FromUpdate: false)], plan.Create);
    }

    [Fact]
    public void A_finished_update_makes_its_revision_the_current_one()
    {
        var done = StatefulSetPlan.Compute(Set(2), [Pod(0), Pod(1)], "old", "new", A.Noon).Status;
        Assert.Equal(("new", "new", 2), (done.CurrentRevision, done.UpdateRevision, done.CurrentReplicas));
        var going = StatefulSetPlan.Compute(Set(2), [Pod(0, "old"), Pod(1)], "old", "new", A.Noon).Status;
        Assert.Equal(("old", 1, 1), (going.CurrentRevision, going.CurrentReplicas, going.UpdatedReplicas));
    }

    [Fact]
    public void A_pod_has_its_identity_and_its_claims()
    {
        var set = Set(1);
        set.Spec.VolumeClaimTemplates = [Client.Json.RawJson.From(System.Text.Json.Nodes.JsonNode.Parse("""{"metadata":{"name":"data"},"spec":{}}""")!)];
        var pod = StatefulPod.Create(set, A.Template(), "web-abc", 0);
        Assert.Equal("web-0", (string?)pod["metadata"]!["name"]);
        Assert.Equal(("web-0", "web"), ((string?)pod["spec"]!["hostname"], (string?)pod["spec"]!["subdomain"]));
        Assert.Equal("data-web-0", (string?)pod["spec"]!["volumes"]![0]!["persistentVolumeClaim"]!["claimName"]);
        Assert.Equal("0", (string?)pod["metadata"]!["labels"]!["apps.kubernetes.io/pod-index"]);
    }

    private static IEnumerable<int> Created(StatefulSet set, params Pod[] pods) =>
        StatefulSetPlan.Compute(set, pods, "old", "new", A.Noon).Create.Select(pod => pod.Ordinal);

    private static IEnumerable<string> Deleted(StatefulSet set, params Pod[] pods) =>
        StatefulSetPlan.Compute(set, pods, "old", "new", A.Noon).Delete.Select(pod => pod.Metadata.Name);

    private static StatefulSet Set(int replicas, int? partition = null) => new()
    {
        ApiVersion = "apps/v1",
        Kind = "StatefulSet",
        Metadata = A.Meta("web"),
        Spec = new()
        {
            Replicas = replicas,
            ServiceName = "web",
            Selector = A.Selector(),
            Template = A.Template(),
            UpdateStrategy = new() { Type = "RollingUpdate", RollingUpdate = new() { Partition = partition } },
        },
    };

    private static Pod Pod(int ordinal, string revision = "new", bool ready = true) =>
        A.Pod($"web-{ordinal}", "node-0", "Running", ready, labels: A.Labels("app", "web", "controller-revision-hash", revision));
}
