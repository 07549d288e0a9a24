namespace Flotilla.ClusterCore.Client.Objects;

public sealed record ClusterRole : KubernetesObject
{
    public PolicyRule[]? Rules { get; set; }
    public AggregationRule? AggregationRule { get; set; }
}

public sealed record AggregationRule
{
    public LabelSelectorSpec[]? ClusterRoleSelectors { get; set; }
}

public sealed record PolicyRule
{
    public string[]? Verbs { get; set; }
    public string[]? ApiGroups { get; set; }
    public string[]? Resources { get; set; }
    public string[]? ResourceNames { get; set; }
    public string[]? NonResourceURLs { get; set; }
}
