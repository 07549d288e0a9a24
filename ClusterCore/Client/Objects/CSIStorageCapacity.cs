namespace Flotilla.ClusterCore.Client.Objects;

/// <summary>How much room a CSI driver has for volumes of a class, for the nodes of one topology.</summary>
public sealed record CSIStorageCapacity : KubernetesObject
{
    public LabelSelectorSpec? NodeTopology { get; set; }
    public string StorageClassName { get; set; } = "";
    public string? Capacity { get; set; }
    public string? MaximumVolumeSize { get; set; }
}
