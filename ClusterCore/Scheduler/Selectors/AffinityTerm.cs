using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Selectors;

/// <summary>Which pods a pod wants to be near to, or away from, and how near is near.</summary>
/// <param name="Namespaces">By name.</param>
/// <param name="NamespaceSelector">By label, in addition to the names; null selects none.</param>
internal sealed record AffinityTerm(
    IReadOnlySet<string> Namespaces, PodSelector? NamespaceSelector, PodSelector Selector, string TopologyKey)
{
    /// <summary>Two terms that select the same pods have the same key; the topology is not part of it.</summary>
    public string SelectionKey { get; } =
        $"{string.Join(',', Namespaces.Order(StringComparer.Ordinal))}|{NamespaceSelector?.Key ?? "-"}|{Selector.Key}";

    public bool Selects(PodInfo pod, INamespaceLabels namespaces) =>
        SelectsNamespace(pod.Namespace, namespaces) && Selector.Matches(pod.Labels);

    private bool SelectsNamespace(string name, INamespaceLabels namespaces) =>
        Namespaces.Contains(name)
        || NamespaceSelector is { } selector && (selector.MatchesEverything || selector.Matches(namespaces.Of(name)));
}

internal sealed record WeightedAffinityTerm(int Weight, AffinityTerm Term);

internal interface INamespaceLabels
{
    IReadOnlyDictionary<string, string> Of(string name);
}
