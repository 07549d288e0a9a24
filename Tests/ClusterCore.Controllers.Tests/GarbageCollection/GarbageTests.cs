using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.GarbageCollection;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Controllers.Tests.GarbageCollection;

public sealed class GarbageTests
{
    private static readonly ResourceType<PartialObject> Things = ResourceType.Metadata("", "v1", "things", "Thing", true);
    private readonly GarbageGraph graph = new();

    [Fact]
    public void Dependents_of_what_is_gone_are_looked_at()
    {
        Put("owner");
        Put("child", "owner");
        Assert.Equal(["child"], graph.Remove("owner"));
    }

    [Fact]
    public void An_owner_that_was_never_seen_is_looked_at()
    {
        Assert.Equal(["owner"], Put("child", "owner"));
        Assert.True(graph.Find("owner")!.IsVirtual);
        Put("child");
        Assert.Null(graph.Find("owner"));
    }

    [Fact]
    public void An_owner_deleted_in_the_foreground_waits_for_its_dependents()
    {
        Put("owner");
        Put("child", "owner");
        var look = graph.Put(Things, Meta("owner") with { DeletionTimestamp = A.Noon, Finalizers = ["foregroundDeletion"] }, _ => Things);
        Assert.Equal(["child", "owner"], look);
        Assert.Contains("owner", graph.Remove("child"));
    }

    [Fact]
    public void A_cycle_of_owners_is_no_trouble()
    {
        Put("a", "b");
        Put("b", "a");
        Assert.Equal(["b"], graph.Remove("a"));
        Assert.Empty(graph.Remove("b"));
        Assert.Equal(0, graph.Count);
    }

    [Theory]
    [InlineData("solid", null, false)]
    [InlineData("dangling", "Background", false)]
    [InlineData("solid,dangling", null, true)]
    [InlineData("waiting", "Background", false)]
    [InlineData("dangling,waiting", "Background", false)]
    [InlineData("", null, false)]
    public void What_has_lost_all_owners_goes_and_what_has_some_forgets_the_others(string owners, string? policy, bool forgets)
    {
        var states = owners.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(state => (new OwnerReference { Uid = state }, Enum.Parse<OwnerState>(state, ignoreCase: true))).ToArray();
        var plan = GarbagePlan.Compute(new GarbageNode("x"), states);
        Assert.Equal((policy, forgets), (plan.DeleteWith, plan.KeepOwners is not null));
    }

    [Fact]
    public void What_waits_for_its_own_dependents_is_deleted_in_the_foreground_and_unblocks_a_circle()
    {
        Put("owner");
        Put("middle", "owner");
        graph.Put(Things, Meta("leaf", "middle") with { DeletionTimestamp = A.Noon, Finalizers = ["foregroundDeletion"] }, _ => Things);
        var plan = GarbagePlan.Compute(graph.Find("middle")!, [(new OwnerReference { Uid = "owner" }, OwnerState.Waiting)]);
        Assert.Equal("Foreground", plan.DeleteWith);
        Assert.Equal("leaf", Assert.Single(plan.Unblock).Uid);
    }

    private IReadOnlyList<string> Put(string uid, params string[] owners) => graph.Put(Things, Meta(uid, owners), _ => Things);

    private static ObjectMeta Meta(string uid, params string[] owners) => new()
    {
        Name = uid,
        Namespace = "default",
        Uid = uid,
        OwnerReferences = [.. owners.Select(owner => new OwnerReference { ApiVersion = "v1", Kind = "Thing", Name = owner, Uid = owner, BlockOwnerDeletion = true })],
    };
}
