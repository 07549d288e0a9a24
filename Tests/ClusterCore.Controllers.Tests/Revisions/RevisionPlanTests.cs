using System.Text;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Revisions;

namespace Flotilla.ClusterCore.Controllers.Tests.Revisions;

public sealed class RevisionPlanTests
{
    [Fact]
    public void A_template_is_kept_as_clients_write_it_themselves_to_find_it()
    {
        var set = new DaemonSet { Metadata = new() { Name = "agent", Namespace = "default" } };
        var template = new RawJson(Encoding.UTF8.GetBytes(
            """{"metadata":{"labels":{"b":"1","a":"2"}},"spec":{"containers":[{"name":"main","image":"nginx","ports":[{"protocol":"TCP","containerPort":80}]}]}}"""));
        var plan = RevisionPlan.Compute(set, template, [], null);
        Assert.Equal(
            """{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"2","b":"1"}},"spec":{"containers":[{"image":"nginx","name":"main","ports":[{"containerPort":80,"protocol":"TCP"}]}]}}}}""",
            Encoding.UTF8.GetString(plan.Data.Utf8.Span));
    }

    [Fact]
    public void A_revision_has_the_labels_of_its_template_and_says_what_its_owner_says_of_the_change()
    {
        var set = new StatefulSet
        {
            Metadata = new() { Name = "db", Namespace = "default", Uid = "1", Annotations = new Dictionary<string, string> { ["kubernetes.io/change-cause"] = "a newer image" } },
        };
        var template = new RawJson("""{"metadata":{"labels":{"app":"db","tier":"data"}},"spec":{"containers":[]}}"""u8.ToArray());
        var plan = RevisionPlan.Compute(set, template, [], null);
        var metadata = plan.Object(set, "example.com/hash")["metadata"]!;
        Assert.Equal($$"""{"app":"db","tier":"data","example.com/hash":"{{plan.Hash}}"}""", metadata["labels"]!.ToJsonString());
        Assert.Equal("""{"kubernetes.io/change-cause":"a newer image"}""", metadata["annotations"]!.ToJsonString());
    }

    [Theory, InlineData(-1, ""), InlineData(0, "a c"), InlineData(1, "a"), InlineData(5, "")]
    public void What_nobody_uses_goes_oldest_first_unless_there_is_no_limit(int limit, string surplus)
    {
        ControllerRevision[] history = [Revision("c", 3), Revision("a", 1), Revision("b", 2)];
        Assert.Equal(surplus, string.Join(' ', RevisionPlan.Surplus(history, new HashSet<string> { "b" }, limit).Select(revision => revision.Metadata.Name)));
    }

    private static ControllerRevision Revision(string name, long number) => new() { Metadata = new() { Name = name, Namespace = "default" }, Revision = number };
}
