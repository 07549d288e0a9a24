namespace Flotilla.ClusterCore.Client.Objects;

public sealed record PodDisruptionBudget : KubernetesObject
{
    public PodDisruptionBudgetSpec Spec { get; set; } = new();
    public PodDisruptionBudgetStatus Status { get; set; } = new();
}

public sealed record PodDisruptionBudgetSpec
{
    public IntOrString? MinAvailable { get; set; }
    public LabelSelectorSpec? Selector { get; set; }
    public IntOrString? MaxUnavailable { get; set; }
    public string? UnhealthyPodEvictionPolicy { get; set; }
}

public sealed record PodDisruptionBudgetStatus
{
    public long ObservedGeneration { get; set; }
    public IReadOnlyDictionary<string, DateTimeOffset>? DisruptedPods { get; set; }
    public int DisruptionsAllowed { get; set; }
    public int CurrentHealthy { get; set; }
    public int DesiredHealthy { get; set; }
    public int ExpectedPods { get; set; }
    public Condition[]? Conditions { get; set; }
}
