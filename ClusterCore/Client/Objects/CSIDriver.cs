namespace Flotilla.ClusterCore.Client.Objects;

public sealed record CSIDriver : KubernetesObject
{
    public CSIDriverSpec Spec { get; set; } = new();
}

public sealed record CSIDriverSpec
{
    public bool? AttachRequired { get; set; }
    public bool? PodInfoOnMount { get; set; }
    public string[]? VolumeLifecycleModes { get; set; }
    public bool? StorageCapacity { get; set; }
    public string? FsGroupPolicy { get; set; }
    public bool? RequiresRepublish { get; set; }
    public bool? SeLinuxMount { get; set; }
    public long? NodeAllocatableUpdatePeriodSeconds { get; set; }
    public bool? ServiceAccountTokenInSecrets { get; set; }
    public bool? PreventPodSchedulingIfMissing { get; set; }
}
