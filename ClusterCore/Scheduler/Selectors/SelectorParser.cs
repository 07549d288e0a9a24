using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Api = Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Selectors;

/// <summary>From the API's selectors to those the plugins match with.</summary>
internal static class SelectorParser
{
    private const string Anywhere = "kubernetes.io/hostname";

    public static PodSelector ToPodSelector(Api.LabelSelectorSpec? selector)
    {
        if (selector is null) { return PodSelector.Nothing; }
        return PodSelector.OfLabels(selector.MatchLabels ?? ReadOnlyDictionary<string, string>.Empty)
            .And((selector.MatchExpressions ?? []).Select(one => ToRequirement(one.Key, one.Operator, one.Values)));
    }

    public static NodeSelector? ToNodeSelector(Api.NodeSelector? selector) =>
        selector is null ? null : new([.. (selector.NodeSelectorTerms ?? []).Select(ToNodeTerm)]);

    public static NodeSelectorTerm ToNodeTerm(Api.NodeSelectorTerm? term) =>
        new(ToRequirements(term?.MatchExpressions), ToRequirements(term?.MatchFields));

    public static PreferredNodeTerm[] ToPreferredTerms(Api.PreferredSchedulingTerm[]? terms) =>
        Array.ConvertAll(terms ?? [], term => new PreferredNodeTerm(term.Weight, ToNodeTerm(term.Preference)));

    public static AffinityTerm ToAffinityTerm(Api.PodAffinityTerm term, string podNamespace, IReadOnlyDictionary<string, string> podLabels)
    {
        var own = term.Namespaces is not { Length: > 0 } && term.NamespaceSelector is null;
        var names = own ? [podNamespace] : term.Namespaces ?? [];
        return new(
            names.ToHashSet(StringComparer.Ordinal),
            term.NamespaceSelector is null ? null : ToPodSelector(term.NamespaceSelector),
            ToPodSelector(term.LabelSelector)
                .And(FromPodLabels(term.MatchLabelKeys, podLabels, SelectorOperator.In))
                .And(FromPodLabels(term.MismatchLabelKeys, podLabels, SelectorOperator.NotIn)),
            term.TopologyKey is "" ? Anywhere : term.TopologyKey);
    }

    public static SpreadConstraint ToSpreadConstraint(Api.TopologySpreadConstraint constraint, IReadOnlyDictionary<string, string> podLabels) =>
        ToSpreadConstraint(constraint, ToPodSelector(constraint.LabelSelector), podLabels);

    public static SpreadConstraint ToSpreadConstraint(
        Api.TopologySpreadConstraint constraint, PodSelector selector, IReadOnlyDictionary<string, string> podLabels) =>
        new(constraint.MaxSkew, constraint.TopologyKey, selector.And(FromPodLabels(constraint.MatchLabelKeys, podLabels, SelectorOperator.In)))
        {
            Required = constraint.WhenUnsatisfiable != "ScheduleAnyway",
            MinDomains = constraint.MinDomains ?? 1,
            HonorsNodeAffinity = constraint.NodeAffinityPolicy != "Ignore",
            HonorsTaints = constraint.NodeTaintsPolicy == "Honor",
        };

    public static PodToleration ToToleration(Api.Toleration toleration) => new(
        Texts.Shared(toleration.Key ?? ""), Texts.Shared(toleration.Operator ?? ""), Texts.Shared(toleration.Value ?? ""),
        string.IsNullOrEmpty(toleration.Effect) ? null : NodeTaint.ParseEffect(toleration.Effect));

    public static NodeTaint ToTaint(Api.Taint taint) => new(taint.Key, taint.Value ?? "", NodeTaint.ParseEffect(taint.Effect));

    private static LabelRequirement[] ToRequirements(Api.NodeSelectorRequirement[]? requirements) =>
        [.. (requirements ?? []).Select(one => ToRequirement(one.Key, one.Operator, one.Values))];

    private static LabelRequirement ToRequirement(string key, string operation, string[]? values) => operation switch
    {
        "In" => new(key, SelectorOperator.In, values ?? []),
        "NotIn" => new(key, SelectorOperator.NotIn, values ?? []),
        "Exists" => new(key, SelectorOperator.Exists, []),
        "DoesNotExist" => new(key, SelectorOperator.DoesNotExist, []),
        "Gt" when values is [_] => new(key, SelectorOperator.GreaterThan, values),
        "Lt" when values is [_] => new(key, SelectorOperator.LessThan, values),
        // In nothing: what is not understood matches nothing.
        _ => new(key, SelectorOperator.In, []),
    };

    // Keys the pod has no label for are left out, as the API says.
    private static IEnumerable<LabelRequirement> FromPodLabels(
        string[]? keys, IReadOnlyDictionary<string, string> podLabels, SelectorOperator comparison) =>
        (keys ?? []).Where(podLabels.ContainsKey).Select(key => new LabelRequirement(key, comparison, [podLabels[key]]));
}
