using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Job : KubernetesObject
{
    public JobSpec Spec { get; set; } = new();
    public JobStatus Status { get; set; } = new();
}

public sealed record JobSpec
{
    public int? Parallelism { get; set; }
    public int? Completions { get; set; }
    public long? ActiveDeadlineSeconds { get; set; }
    public PodFailurePolicy? PodFailurePolicy { get; set; }
    public SuccessPolicy? SuccessPolicy { get; set; }
    public int? BackoffLimit { get; set; }
    public int? BackoffLimitPerIndex { get; set; }
    public int? MaxFailedIndexes { get; set; }
    public LabelSelectorSpec? Selector { get; set; }
    public bool? ManualSelector { get; set; }
    public RawJson? Template { get; set; }
    public int? TtlSecondsAfterFinished { get; set; }
    public string? CompletionMode { get; set; }
    public bool? Suspend { get; set; }
    public string? PodReplacementPolicy { get; set; }
    public string? ManagedBy { get; set; }
}

public sealed record PodFailurePolicy
{
    public PodFailurePolicyRule[]? Rules { get; set; }
}

public sealed record PodFailurePolicyRule
{
    public string Action { get; set; } = "";
    public PodFailurePolicyOnExitCodesRequirement? OnExitCodes { get; set; }
    public PodFailurePolicyOnPodConditionsPattern[]? OnPodConditions { get; set; }
}

public sealed record PodFailurePolicyOnExitCodesRequirement
{
    public string? ContainerName { get; set; }
    public string Operator { get; set; } = "";
    public int[]? Values { get; set; }
}

public sealed record PodFailurePolicyOnPodConditionsPattern
{
    public string Type { get; set; } = "";
    public string? Status { get; set; }
}

public sealed record SuccessPolicy
{
    public SuccessPolicyRule[]? Rules { get; set; }
}

public sealed record SuccessPolicyRule
{
    public string? SucceededIndexes { get; set; }
    public int? SucceededCount { get; set; }
}

public sealed record JobStatus
{
    public JobCondition[]? Conditions { get; set; }
    public DateTimeOffset? StartTime { get; set; }
    public DateTimeOffset? CompletionTime { get; set; }
    public int Active { get; set; }
    public int Succeeded { get; set; }
    public int Failed { get; set; }
    public int? Terminating { get; set; }
    public string? CompletedIndexes { get; set; }
    public string? FailedIndexes { get; set; }
    public UncountedTerminatedPods? UncountedTerminatedPods { get; set; }
    public int? Ready { get; set; }
}

public sealed record JobCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public DateTimeOffset? LastProbeTime { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}

public sealed record UncountedTerminatedPods
{
    public string[]? Succeeded { get; set; }
    public string[]? Failed { get; set; }
}
