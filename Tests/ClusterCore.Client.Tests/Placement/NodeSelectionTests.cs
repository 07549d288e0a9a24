using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Placement;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Client.Tests.Placement;

public sealed class NodeSelectionTests
{
    private static readonly Node Node = A.Node("node-0", labels: A.Labels("zone", "a", "cores", "8", "name", "x"));

    [Theory]
    [InlineData("zone", "In", true, "a", "b")]
    [InlineData("zone", "In", false, "b")]
    [InlineData("rack", "In", false, "1")]
    [InlineData("zone", "NotIn", false, "a", "b")]
    [InlineData("rack", "NotIn", true, "1")]
    [InlineData("zone", "Exists", true)]
    [InlineData("rack", "Exists", false)]
    [InlineData("rack", "DoesNotExist", true)]
    [InlineData("zone", "DoesNotExist", false)]
    [InlineData("cores", "Gt", true, "7")]
    [InlineData("cores", "Gt", false, "8")]
    [InlineData("cores", "Lt", true, "+9")]
    [InlineData("cores", "Lt", false, "8")]
    [InlineData("cores", "Gt", true, "-9")]
    [InlineData("zone", "Gt", false, "7")]
    [InlineData("rack", "Lt", false, "7")]
    public void A_rule_of_labels_holds_or_does_not(string key, string operation, bool expected, params string[] values) =>
        Assert.Equal(expected, With(Term((key, operation, values))).Selects(Node));

    [Theory]
    [InlineData("In")]
    [InlineData("NotIn")]
    [InlineData("Exists", "a")]
    [InlineData("DoesNotExist", "a")]
    [InlineData("Gt", "1", "2")]
    [InlineData("Gt", "one")]
    [InlineData("Gt", " 1")]
    [InlineData("Lt", "99999999999999999999")]
    [InlineData("Near", "a")]
    public void What_cannot_be_understood_selects_no_node_and_spoils_no_other_term(string operation, params string[] values)
    {
        Assert.False(With(Term(("cores", operation, values))).Selects(Node));
        Assert.True(With(Term(("cores", operation, values)), Term(("zone", "Exists", []))).Selects(Node));
    }

    [Fact]
    public void All_rules_of_one_term_hold_and_the_node_selector_too()
    {
        var pod = With(Term(("zone", "Exists", []), ("cores", "Gt", ["7"])));
        Assert.True(pod.Selects(Node));
        Assert.False(With(Term(("zone", "Exists", []), ("cores", "Gt", ["8"]))).Selects(Node));
        Assert.True((pod with { NodeSelector = A.Labels("zone", "a") }).Selects(Node));
        Assert.False((pod with { NodeSelector = A.Labels("zone", "b") }).Selects(Node));
        Assert.False(new PodSpec { NodeSelector = A.Labels("rack", "") }.Selects(Node));
        Assert.True(new PodSpec { NodeSelector = A.Labels() }.Selects(Node));
    }

    [Fact]
    public void Affinity_without_a_term_and_a_term_without_a_rule_select_no_node()
    {
        Assert.False(With().Selects(Node));
        Assert.False(With(new NodeSelectorTerm()).Selects(Node));
        Assert.True(new PodSpec { Affinity = new() { NodeAffinity = new() } }.Selects(Node));
    }

    [Theory]
    [InlineData("metadata.name", "In", true, "node-0")]
    [InlineData("metadata.name", "In", false, "node-1")]
    [InlineData("metadata.name", "In", false, "node-0", "node-1")]
    [InlineData("metadata.name", "NotIn", true, "node-1")]
    [InlineData("metadata.name", "NotIn", false, "node-0")]
    [InlineData("metadata.name", "Exists", false)]
    [InlineData("metadata.uid", "In", false, "node-0")]
    public void A_field_is_the_name_and_has_one_value(string field, string operation, bool expected, params string[] values) =>
        Assert.Equal(expected, With(new NodeSelectorTerm { MatchFields = [new() { Key = field, Operator = operation, Values = values }] }).Selects(Node));

    private static NodeSelectorTerm Term(params (string Key, string Operator, string[] Values)[] rules) =>
        new() { MatchExpressions = [.. rules.Select(rule => new NodeSelectorRequirement { Key = rule.Key, Operator = rule.Operator, Values = rule.Values })] };

    private static PodSpec With(params NodeSelectorTerm[] terms) =>
        new() { Affinity = new() { NodeAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = new() { NodeSelectorTerms = terms } } } };
}
