using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>A disk that a pod's own volume names, of a kind that a node attaches for one writer.</summary>
/// <param name="Monitors">An RBD image is the same when any of them is.</param>
internal sealed record PodDisk(string Kind, string Id, bool ReadOnly, string[] Monitors)
{
    private const string Ebs = "awsElasticBlockStore";

    public static PodDisk[] Of(Volume[]? volumes) => [.. (volumes ?? []).Select(Of).OfType<PodDisk>()];

    /// <summary>Both can be on one node only when both but read; an EBS volume not even then.</summary>
    public bool Conflicts(PodDisk other) =>
        Kind == other.Kind && Id == other.Id && !(ReadOnly && other.ReadOnly && Kind != Ebs)
        && (Monitors.Length == 0 || Monitors.Intersect(other.Monitors, StringComparer.Ordinal).Any());

    private static PodDisk? Of(Volume volume) => volume switch
    {
        { GcePersistentDisk: { } disk } => new("gcePersistentDisk", disk.PdName, disk.ReadOnly, []),
        { AwsElasticBlockStore: { } disk } => new(Ebs, disk.VolumeID, disk.ReadOnly, []),
        { Iscsi: { } disk } => new("iscsi", disk.Iqn, disk.ReadOnly, []),
        { Rbd: { } disk } => new("rbd", $"{disk.Pool ?? "rbd"}/{disk.Image}", disk.ReadOnly, disk.Monitors ?? []),
        _ => null,
    };
}
