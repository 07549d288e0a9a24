namespace Flotilla.ClusterCore.Client.Objects;

public sealed record StorageClass : KubernetesObject
{
    public string Provisioner { get; set; } = "";
    public IReadOnlyDictionary<string, string>? Parameters { get; set; }
    public string? ReclaimPolicy { get; set; }
    public string[]? MountOptions { get; set; }
    public bool? AllowVolumeExpansion { get; set; }
    public string? VolumeBindingMode { get; set; }
    public TopologySelectorTerm[]? AllowedTopologies { get; set; }
}

public sealed record TopologySelectorTerm
{
    public TopologySelectorLabelRequirement[]? MatchLabelExpressions { get; set; }
}

public sealed record TopologySelectorLabelRequirement
{
    public string Key { get; set; } = "";
    public string[]? Values { get; set; }
}
