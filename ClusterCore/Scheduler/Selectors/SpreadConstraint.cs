namespace Flotilla.ClusterCore.Scheduler.Selectors;

/// <summary>A topologySpreadConstraint, ready to use.</summary>
internal sealed record SpreadConstraint(int MaxSkew, string TopologyKey, PodSelector Selector)
{
    public bool Required { get; init; } = true;

    public int MinDomains { get; init; } = 1;

    /// <summary>Only nodes of the pod's node selector and affinity count as domains.</summary>
    public bool HonorsNodeAffinity { get; init; } = true;

    /// <summary>Only nodes whose taints the pod tolerates count as domains.</summary>
    public bool HonorsTaints { get; init; }
}
