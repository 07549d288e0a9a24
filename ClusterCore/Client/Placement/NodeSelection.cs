using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Client.Placement;

/// <summary>
/// Whether a node is one of those that a pod asks for: its node selector and its required node affinity, both. Read as they are written,
/// for a few pods at a time; the scheduler compiles them.
/// </summary>
public static class NodeSelection
{
    private const string NameField = "metadata.name";

    public static bool Selects(this PodSpec pod, Node node)
    {
        if (pod.NodeSelector?.All(wanted => node.Metadata.Labels?.GetValueOrDefault(wanted.Key) == wanted.Value) == false)
        {
            return false;
        }

        var required = pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        return required is null || Array.Exists(required.NodeSelectorTerms ?? [], term => term.Matches(node));
    }

    /// <summary>A term without a rule matches no node, and so does one with a rule that cannot be understood.</summary>
    private static bool Matches(this NodeSelectorTerm term, Node node)
    {
        var (labels, fields) = (term.MatchExpressions ?? [], term.MatchFields ?? []);
        return labels.Length + fields.Length > 0
            && Array.TrueForAll(labels, rule => Parse(rule)?.Matches(node.Metadata.Labels?.GetValueOrDefault(rule.Key)) == true)
            && Array.TrueForAll(fields, rule => MatchesField(rule, rule.Key == NameField ? node.Metadata.Name : ""));
    }

    private static LabelRequirement? Parse(NodeSelectorRequirement rule) => (rule.Operator, rule.Values ?? []) switch
    {
        ("In", { Length: > 0 } values) => new(rule.Key, SelectorOperator.In, values),
        ("NotIn", { Length: > 0 } values) => new(rule.Key, SelectorOperator.NotIn, values),
        ("Exists", []) => new(rule.Key, SelectorOperator.Exists, []),
        ("DoesNotExist", []) => new(rule.Key, SelectorOperator.DoesNotExist, []),
        ("Gt", [_] values) => new(rule.Key, SelectorOperator.GreaterThan, values),
        ("Lt", [_] values) => new(rule.Key, SelectorOperator.LessThan, values),
        _ => null,
    };

    private static bool MatchesField(NodeSelectorRequirement rule, string value) => (rule.Operator, rule.Values) switch
    {
        ("In", [var only]) => value == only,
        ("NotIn", [var only]) => value != only,
        _ => false,
    };
}
