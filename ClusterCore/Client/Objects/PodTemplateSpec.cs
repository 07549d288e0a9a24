namespace Flotilla.ClusterCore.Client.Objects;

/// <summary>Read from the <c>RawJson</c> template of a workload where what is inside matters.</summary>
public sealed record PodTemplateSpec
{
    public ObjectMeta Metadata { get; set; } = new();
    public PodSpec Spec { get; set; } = new();
}

public sealed record JobTemplateSpec
{
    public ObjectMeta Metadata { get; set; } = new();
    public JobSpec Spec { get; set; } = new();
}
