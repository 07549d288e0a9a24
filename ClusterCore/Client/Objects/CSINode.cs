namespace Flotilla.ClusterCore.Client.Objects;

public sealed record CSINode : KubernetesObject
{
    public CSINodeSpec Spec { get; set; } = new();
}

public sealed record CSINodeSpec
{
    public CSINodeDriver[]? Drivers { get; set; }
}

public sealed record CSINodeDriver
{
    public string Name { get; set; } = "";
    public string NodeID { get; set; } = "";
    public string[]? TopologyKeys { get; set; }
    public VolumeNodeResources? Allocatable { get; set; }
}

public sealed record VolumeNodeResources
{
    public int? Count { get; set; }
}
