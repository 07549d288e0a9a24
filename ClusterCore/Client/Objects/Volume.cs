namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Volume
{
    public string Name { get; set; } = "";
    public HostPathVolumeSource? HostPath { get; set; }
    public EmptyDirVolumeSource? EmptyDir { get; set; }
    public SecretVolumeSource? Secret { get; set; }
    public GcePersistentDiskVolumeSource? GcePersistentDisk { get; set; }
    public AwsElasticBlockStoreVolumeSource? AwsElasticBlockStore { get; set; }
    public NFSVolumeSource? Nfs { get; set; }
    public IscsiVolumeSource? Iscsi { get; set; }
    public RbdVolumeSource? Rbd { get; set; }
    public PersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; set; }
    public DownwardAPIVolumeSource? DownwardAPI { get; set; }
    public ConfigMapVolumeSource? ConfigMap { get; set; }
    public ProjectedVolumeSource? Projected { get; set; }
    public CSIVolumeSource? Csi { get; set; }
    public EphemeralVolumeSource? Ephemeral { get; set; }
    public ImageVolumeSource? Image { get; set; }
}

public sealed record HostPathVolumeSource
{
    public string Path { get; set; } = "";
    public string? Type { get; set; }
}

public sealed record EmptyDirVolumeSource
{
    public string? Medium { get; set; }
    public string? SizeLimit { get; set; }
}

public sealed record SecretVolumeSource
{
    public string? SecretName { get; set; }
    public KeyToPath[]? Items { get; set; }
    public int? DefaultMode { get; set; }
    public bool? Optional { get; set; }
}

public sealed record ConfigMapVolumeSource
{
    public string? Name { get; set; }
    public KeyToPath[]? Items { get; set; }
    public int? DefaultMode { get; set; }
    public bool? Optional { get; set; }
}

public sealed record DownwardAPIVolumeSource
{
    public DownwardAPIVolumeFile[]? Items { get; set; }
    public int? DefaultMode { get; set; }
}

public sealed record DownwardAPIVolumeFile
{
    public string Path { get; set; } = "";
    public ObjectFieldSelector? FieldRef { get; set; }
    public ResourceFieldSelector? ResourceFieldRef { get; set; }
    public int? Mode { get; set; }
}

public sealed record ProjectedVolumeSource
{
    public VolumeProjection[]? Sources { get; set; }
    public int? DefaultMode { get; set; }
}

public sealed record VolumeProjection
{
    public SecretProjection? Secret { get; set; }
    public DownwardAPIProjection? DownwardAPI { get; set; }
    public ConfigMapProjection? ConfigMap { get; set; }
    public ServiceAccountTokenProjection? ServiceAccountToken { get; set; }
}

public sealed record SecretProjection
{
    public string? Name { get; set; }
    public KeyToPath[]? Items { get; set; }
    public bool? Optional { get; set; }
}

public sealed record ConfigMapProjection
{
    public string? Name { get; set; }
    public KeyToPath[]? Items { get; set; }
    public bool? Optional { get; set; }
}

public sealed record DownwardAPIProjection
{
    public DownwardAPIVolumeFile[]? Items { get; set; }
}

public sealed record ServiceAccountTokenProjection
{
    public string? Audience { get; set; }
    public long? ExpirationSeconds { get; set; }
    public string Path { get; set; } = "";
}

public sealed record GcePersistentDiskVolumeSource
{
    public string PdName { get; set; } = "";
    public bool ReadOnly { get; set; }
}

public sealed record AwsElasticBlockStoreVolumeSource
{
    public string VolumeID { get; set; } = "";
    public bool ReadOnly { get; set; }
}

public sealed record IscsiVolumeSource
{
    public string Iqn { get; set; } = "";
    public bool ReadOnly { get; set; }
}

public sealed record RbdVolumeSource
{
    public string[]? Monitors { get; set; }
    public string? Pool { get; set; }
    public string Image { get; set; } = "";
    public bool ReadOnly { get; set; }
}

public sealed record KeyToPath
{
    public string Key { get; set; } = "";
    public string Path { get; set; } = "";
    public int? Mode { get; set; }
}

public sealed record PersistentVolumeClaimVolumeSource
{
    public string ClaimName { get; set; } = "";
    public bool ReadOnly { get; set; }
}

public sealed record EphemeralVolumeSource
{
    public PersistentVolumeClaimTemplate? VolumeClaimTemplate { get; set; }
}

public sealed record CSIVolumeSource
{
    public string Driver { get; set; } = "";
    public bool? ReadOnly { get; set; }
    public string? FsType { get; set; }
    public IReadOnlyDictionary<string, string>? VolumeAttributes { get; set; }
    public LocalObjectReference? NodePublishSecretRef { get; set; }
}

public sealed record ImageVolumeSource
{
    public string? Reference { get; set; }
    public string? PullPolicy { get; set; }
}
