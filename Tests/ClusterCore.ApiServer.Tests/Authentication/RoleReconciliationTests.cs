using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Bootstrap;

namespace Flotilla.ClusterCore.ApiServer.Tests.Authentication;

public sealed class RoleReconciliationTests
{
    private const string Wanted = """{"metadata":{"name":"r","labels":{"a":"1"},"annotations":{"rbac.authorization.kubernetes.io/autoupdate":"true"}},"rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]}]}""";

    [Theory]
    [InlineData("""{"labels":{"a":"1"},"annotations":{"rbac.authorization.kubernetes.io/autoupdate":"true"}}""", """[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]""")]
    [InlineData("""{"annotations":{"rbac.authorization.kubernetes.io/autoupdate":"false"}}""", "[]")]
    public void What_has_all_it_needs_or_is_not_to_be_touched_stays(string metadata, string rules) =>
        Assert.Null(RoleReconciliation.Compute(Read(Wanted), Read($$"""{"metadata":{{metadata}},"rules":{{rules}}}""")));

    [Fact]
    public void What_is_missing_is_added_and_what_was_added_stays()
    {
        var next = RoleReconciliation.Compute(Read(Wanted), Read("""{"metadata":{"name":"r","labels":{"a":"2"}},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]},{"verbs":["get"],"apiGroups":[""],"resources":["nodes"]}]}"""))!;
        Assert.Equal(("2", "true"), (next["metadata"]!["labels"]!["a"]!.ToString(), next["metadata"]!["annotations"]!["rbac.authorization.kubernetes.io/autoupdate"]!.ToString()));
        Assert.Equal(
            """[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]},{"verbs":["get"],"apiGroups":[""],"resources":["nodes"]},{"verbs":["list"],"apiGroups":[""],"resources":["pods"]}]""",
            next["rules"]!.ToJsonString());
    }

    [Fact]
    public void A_binding_gets_its_subjects_and_its_role_back()
    {
        const string wanted = """{"metadata":{"labels":{},"annotations":{}},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"Group","name":"g"}]}""";
        var next = RoleReconciliation.Compute(Read(wanted), Read("""{"metadata":{},"roleRef":{"kind":"ClusterRole","name":"other"},"subjects":[{"kind":"User","name":"u"}]}"""))!;
        Assert.Equal(("r", 2), (next["roleRef"]!["name"]!.ToString(), next["subjects"]!.AsArray().Count));
    }

    private static JsonObject Read(string json) => JsonNode.Parse(json)!.AsObject();
}
