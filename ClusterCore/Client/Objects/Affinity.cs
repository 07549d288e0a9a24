namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Affinity
{
    public NodeAffinity? NodeAffinity { get; set; }
    public PodAffinity? PodAffinity { get; set; }
    public PodAntiAffinity? PodAntiAffinity { get; set; }
}

public sealed record NodeAffinity
{
    public NodeSelector? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
    public PreferredSchedulingTerm[]? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
}

public sealed record NodeSelector
{
    public NodeSelectorTerm[]? NodeSelectorTerms { get; set; }
}

public sealed record NodeSelectorTerm
{
    public NodeSelectorRequirement[]? MatchExpressions { get; set; }
    public NodeSelectorRequirement[]? MatchFields { get; set; }
}

public sealed record NodeSelectorRequirement
{
    public string Key { get; set; } = "";
    public string Operator { get; set; } = "";
    public string[]? Values { get; set; }
}

public sealed record PreferredSchedulingTerm
{
    public int Weight { get; set; }
    public NodeSelectorTerm? Preference { get; set; }
}

public sealed record PodAffinity
{
    public PodAffinityTerm[]? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
    public WeightedPodAffinityTerm[]? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
}

public sealed record PodAntiAffinity
{
    public PodAffinityTerm[]? RequiredDuringSchedulingIgnoredDuringExecution { get; set; }
    public WeightedPodAffinityTerm[]? PreferredDuringSchedulingIgnoredDuringExecution { get; set; }
}

public sealed record PodAffinityTerm
{
    public LabelSelectorSpec? LabelSelector { get; set; }
    public string[]? Namespaces { get; set; }
    public string TopologyKey { get; set; } = "";
    public LabelSelectorSpec? NamespaceSelector { get; set; }
    public string[]? MatchLabelKeys { get; set; }
    public string[]? MismatchLabelKeys { get; set; }
}

public sealed record WeightedPodAffinityTerm
{
    public int Weight { get; set; }
    public PodAffinityTerm? PodAffinityTerm { get; set; }
}
