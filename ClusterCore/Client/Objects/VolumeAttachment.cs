namespace Flotilla.ClusterCore.Client.Objects;

public sealed record VolumeAttachment : KubernetesObject
{
    public VolumeAttachmentSpec Spec { get; set; } = new();
    public VolumeAttachmentStatus Status { get; set; } = new();
}

public sealed record VolumeAttachmentSpec
{
    public string Attacher { get; set; } = "";
    public VolumeAttachmentSource? Source { get; set; }
    public string NodeName { get; set; } = "";
}

public sealed record VolumeAttachmentSource
{
    public string? PersistentVolumeName { get; set; }
    public PersistentVolumeSpec? InlineVolumeSpec { get; set; }
}

public sealed record VolumeAttachmentStatus
{
    public bool Attached { get; set; }
    public IReadOnlyDictionary<string, string>? AttachmentMetadata { get; set; }
}
