using System.Text.Json.Serialization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Container
{
    public string Name { get; set; } = "";
    public string? Image { get; set; }
    public string[]? Command { get; set; }
    public string[]? Args { get; set; }
    public string? WorkingDir { get; set; }
    public ContainerPort[]? Ports { get; set; }
    public EnvFromSource[]? EnvFrom { get; set; }
    public EnvVar[]? Env { get; set; }
    public ResourceRequirements? Resources { get; set; }
    public ContainerResizePolicy[]? ResizePolicy { get; set; }
    public string? RestartPolicy { get; set; }
    public VolumeMount[]? VolumeMounts { get; set; }
    public VolumeDevice[]? VolumeDevices { get; set; }
    public Probe? LivenessProbe { get; set; }
    public Probe? ReadinessProbe { get; set; }
    public Probe? StartupProbe { get; set; }
    public Lifecycle? Lifecycle { get; set; }
    public string? TerminationMessagePath { get; set; }
    public string? TerminationMessagePolicy { get; set; }
    public string? ImagePullPolicy { get; set; }
    public SecurityContext? SecurityContext { get; set; }
    public bool Stdin { get; set; }
    public bool StdinOnce { get; set; }
    public bool Tty { get; set; }
}

public sealed record EphemeralContainer
{
    public string Name { get; set; } = "";
    public string? Image { get; set; }
    public string[]? Command { get; set; }
    public string[]? Args { get; set; }
    public string? WorkingDir { get; set; }
    public ContainerPort[]? Ports { get; set; }
    public EnvFromSource[]? EnvFrom { get; set; }
    public EnvVar[]? Env { get; set; }
    public ResourceRequirements? Resources { get; set; }
    public ContainerResizePolicy[]? ResizePolicy { get; set; }
    public string? RestartPolicy { get; set; }
    public VolumeMount[]? VolumeMounts { get; set; }
    public VolumeDevice[]? VolumeDevices { get; set; }
    public Probe? LivenessProbe { get; set; }
    public Probe? ReadinessProbe { get; set; }
    public Probe? StartupProbe { get; set; }
    public Lifecycle? Lifecycle { get; set; }
    public string? TerminationMessagePath { get; set; }
    public string? TerminationMessagePolicy { get; set; }
    public string? ImagePullPolicy { get; set; }
    public SecurityContext? SecurityContext { get; set; }
    public bool Stdin { get; set; }
    public bool StdinOnce { get; set; }
    public bool Tty { get; set; }
    public string? TargetContainerName { get; set; }
}

public sealed record ContainerPort
{
    public string? Name { get; set; }
    public int HostPort { get; set; }
    [JsonPropertyName("containerPort")]
    public int Port { get; set; }
    public string? Protocol { get; set; }
    public string? HostIP { get; set; }
}

public sealed record ResourceRequirements
{
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Limits { get; set; }
    [JsonConverter(typeof(ResourceListConverter))]
    public IReadOnlyDictionary<string, string>? Requests { get; set; }
}

public sealed record ContainerResizePolicy
{
    public string ResourceName { get; set; } = "";
    public string RestartPolicy { get; set; } = "";
}

public sealed record VolumeMount
{
    public string Name { get; set; } = "";
    public bool ReadOnly { get; set; }
    public string? RecursiveReadOnly { get; set; }
    public string MountPath { get; set; } = "";
    public string? SubPath { get; set; }
    public string? MountPropagation { get; set; }
    public string? SubPathExpr { get; set; }
}

public sealed record VolumeDevice
{
    public string Name { get; set; } = "";
    public string DevicePath { get; set; } = "";
}
