using System.Globalization;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Nodes;

namespace Flotilla.ClusterCore.Controllers.DaemonSets;

/// <summary>Whether a daemon belongs on a node, and whether one that is there may stay.</summary>
internal readonly record struct NodeFit(bool ShouldRun, bool MayStay)
{
    public static NodeFit Compute(PodSpec daemon, Node node, IReadOnlyList<Toleration> tolerations)
    {
        if (daemon.NodeName is { Length: > 0 } only && only != node.Metadata.Name)
        {
            return new(false, false);
        }
        if (!Selected(daemon, node))
        {
            return new(false, false);
        }
        var repelled = (node.Spec.Taints ?? []).Where(taint => !tolerations.Any(toleration => TaintEvictionPlan.Tolerates(toleration, taint)))
            .Select(taint => taint.Effect).ToHashSet();
        var evicted = repelled.Contains(NodeTaints.NoExecute);
        return new(!evicted && !repelled.Contains(NodeTaints.NoSchedule), !evicted);
    }

    private static bool Selected(PodSpec daemon, Node node)
    {
        if (!Selection.LabelMatch.Matches(daemon.NodeSelector, node.Metadata.Labels))
        {
            return false;
        }
        var terms = daemon.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;
        return terms is null || Array.Exists(terms, term => Matches(term, node));
    }

    private static bool Matches(NodeSelectorTerm term, Node node)
    {
        var expressions = term.MatchExpressions ?? [];
        var fields = term.MatchFields ?? [];
        return expressions.Length + fields.Length > 0
            && Array.TrueForAll(expressions, rule => Matches(rule, node.Metadata.Labels?.GetValueOrDefault(rule.Key)))
            && Array.TrueForAll(fields, rule => Matches(rule, rule.Key == "metadata.name" ? node.Metadata.Name : null));
    }

    private static bool Matches(NodeSelectorRequirement rule, string? value) => rule.Operator switch
    {
        "In" => value is not null && rule.Values?.Contains(value) == true,
        "NotIn" => value is null || rule.Values?.Contains(value) != true,
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Number(value) > Number(rule.Values?.FirstOrDefault()),
        "Lt" => Number(value) < Number(rule.Values?.FirstOrDefault()),
        _ => false,
    };

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
