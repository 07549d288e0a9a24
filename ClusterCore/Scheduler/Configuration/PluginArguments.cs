using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary>The arguments of every plugin that takes any.</summary>
public sealed record PluginArguments
{
    public DefaultPreemptionArgs DefaultPreemption { get; init; } = new();
    public InterPodAffinityArgs InterPodAffinity { get; init; } = new();
    public NodeAffinityArgs NodeAffinity { get; init; } = new();
    public NodeResourcesBalancedAllocationArgs NodeResourcesBalancedAllocation { get; init; } = new();
    public NodeResourcesFitArgs NodeResourcesFit { get; init; } = new();
    public PodTopologySpreadArgs PodTopologySpread { get; init; } = new();
    public VolumeBindingArgs VolumeBinding { get; init; } = new();
}

/// <summary>Arguments may name their type; then it must be the right one.</summary>
public abstract record PluginArgs
{
    public string? ApiVersion { get; set; }
    public string? Kind { get; set; }
}

public sealed record DefaultPreemptionArgs : PluginArgs
{
    public int MinCandidateNodesPercentage { get; set; } = 10;
    public int MinCandidateNodesAbsolute { get; set; } = 100;
}

public sealed record InterPodAffinityArgs : PluginArgs
{
    /// <summary>What a placed pod that must be near pods like this one is worth.</summary>
    public int HardPodAffinityWeight { get; set; } = 1;
    public bool IgnorePreferredTermsOfExistingPods { get; set; }
}

public sealed record NodeAffinityArgs : PluginArgs
{
    /// <summary>Holds for every pod, on top of its own.</summary>
    public NodeAffinity? AddedAffinity { get; set; }
}

public sealed record NodeResourcesBalancedAllocationArgs : PluginArgs
{
    public ResourceSpec[] Resources { get; set; } = ResourceSpec.CpuAndMemory;
}

public sealed record NodeResourcesFitArgs : PluginArgs
{
    /// <summary>Extended resources that play no part.</summary>
    public string[] IgnoredResources { get; set; } = [];

    /// <summary>As <see cref="IgnoredResources"/>, by the part of the name before the slash.</summary>
    public string[] IgnoredResourceGroups { get; set; } = [];
    public ScoringStrategySpec ScoringStrategy { get; set; } = new();
}

public sealed record ScoringStrategySpec
{
    /// <summary><c>LeastAllocated</c>, <c>MostAllocated</c> or <c>RequestedToCapacityRatio</c>.</summary>
    public string Type { get; set; } = "LeastAllocated";
    public ResourceSpec[] Resources { get; set; } = ResourceSpec.CpuAndMemory;
    public RequestedToCapacityRatioParam? RequestedToCapacityRatio { get; set; }
}

public sealed record RequestedToCapacityRatioParam
{
    public UtilizationShapePoint[] Shape { get; set; } = [];
}

/// <param name="Utilization">In percent.</param>
/// <param name="Score">0 to 10.</param>
public sealed record UtilizationShapePoint(int Utilization, int Score);

public sealed record ResourceSpec(string Name, long Weight = 1)
{
    public static ResourceSpec[] CpuAndMemory { get; } = [new("cpu"), new("memory")];
}

public sealed record PodTopologySpreadArgs : PluginArgs
{
    public TopologySpreadConstraint[] DefaultConstraints { get; set; } = [];

    /// <summary><c>System</c>: hosts and zones, softly. <c>List</c>: <see cref="DefaultConstraints"/>.</summary>
    public string DefaultingType { get; set; } = "System";
}

public sealed record VolumeBindingArgs : PluginArgs
{
    public long BindTimeoutSeconds { get; set; } = 600;
}
