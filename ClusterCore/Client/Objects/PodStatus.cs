using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record PodStatus
{
    public long ObservedGeneration { get; set; }
    public string? Phase { get; set; }
    public PodCondition[]? Conditions { get; set; }
    public string? Message { get; set; }
    public string? Reason { get; set; }
    public string? NominatedNodeName { get; set; }
    public string? HostIP { get; set; }
    public HostIP[]? HostIPs { get; set; }
    public string? PodIP { get; set; }
    public PodIP[]? PodIPs { get; set; }
    public DateTimeOffset? StartTime { get; set; }
    public ContainerStatus[]? InitContainerStatuses { get; set; }
    public ContainerStatus[]? ContainerStatuses { get; set; }
    public string? QosClass { get; set; }
    public ContainerStatus[]? EphemeralContainerStatuses { get; set; }
    public string? Resize { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? AllocatedResources { get; set; }
    public ResourceRequirements? Resources { get; set; }
}

public sealed record PodCondition
{
    public string Type { get; set; } = "";
    public long ObservedGeneration { get; set; }
    public string Status { get; set; } = "";
    public DateTimeOffset? LastProbeTime { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
}

public sealed record PodIP
{
    public string Ip { get; set; } = "";
}

public sealed record HostIP
{
    public string Ip { get; set; } = "";
}

public sealed record ContainerStatus
{
    public string Name { get; set; } = "";
    public ContainerState? State { get; set; }
    public ContainerState? LastState { get; set; }
    public bool Ready { get; set; }
    public int RestartCount { get; set; }
    public string Image { get; set; } = "";
    public string ImageID { get; set; } = "";
    public string? ContainerID { get; set; }
    public bool? Started { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? AllocatedResources { get; set; }
    public ResourceRequirements? Resources { get; set; }
    public string? StopSignal { get; set; }
}

public sealed record ContainerState
{
    public ContainerStateWaiting? Waiting { get; set; }
    public ContainerStateRunning? Running { get; set; }
    public ContainerStateTerminated? Terminated { get; set; }
}

public sealed record ContainerStateWaiting
{
    public string? Reason { get; set; }
    public string? Message { get; set; }
}

public sealed record ContainerStateRunning
{
    public DateTimeOffset? StartedAt { get; set; }
}

public sealed record ContainerStateTerminated
{
    public int ExitCode { get; set; }
    public int Signal { get; set; }
    public string? Reason { get; set; }
    public string? Message { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    public string? ContainerID { get; set; }
}
