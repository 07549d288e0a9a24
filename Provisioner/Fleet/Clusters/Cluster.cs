using Flotilla.Provisioner.Fleet.Machines;
using Flotilla.Provisioner.Fleet.Projects;

namespace Flotilla.Provisioner.Fleet.Clusters;

public enum ClusterPurpose
{
    Personal,
    Dev,
    Prod,
}

public enum ClusterState
{
    Creating,
    Ready,

    /// <summary>It answers, but a master or a node of it does not.</summary>
    Degraded,
    Scaling,
    Repairing,
    Hibernating,
    Hibernated,
    Waking,
    Deleting,

    /// <summary>Stopped; its data is kept until <see cref="Cluster.PurgeAt"/>.</summary>
    Deleted,
    Undeleting,

    /// <summary>An operation gave up; its error says who can fix it.</summary>
    Failed,
}

/// <summary>In Kubernetes' sense: <c>ControlPlaneReady</c>, <c>NodesReady</c>.</summary>
public sealed record ClusterCondition(string Type, bool Status, string Reason, string Message, DateTimeOffset LastTransition);

public sealed class Cluster
{
    /// <summary>A short DNS label that starts with a letter; names directories, bridges and the gateway's route.</summary>
    public required string Id { get; init; }

    public required Guid ProjectId { get; init; }

    public Project? Project { get; init; }

    /// <summary>Unique in the project among the clusters that are not deleted.</summary>
    public required string Name { get; set; }

    public required ClusterPurpose Purpose { get; init; }

    public required int Masters { get; set; }

    /// <summary>The wanted number; <see cref="Nodes"/> are those there are.</summary>
    public required int Workers { get; set; }

    /// <summary>Kubernetes' version, as in <c>1.36</c>.</summary>
    public required string Version { get; set; }

    public ClusterState State { get; set; }

    public List<ClusterCondition> Conditions { get; set; } = [];

    public required Guid MachineId { get; set; }

    public Machine? Machine { get; init; }

    /// <summary>The first master's port on the machine's loopback; the other masters and etcd take those that follow.</summary>
    public int? Port { get; set; }

    /// <summary>Which /22 of 100.64.0.0/10 its bridge has: 0–4095, unique on the machine.</summary>
    public int? NetworkIndex { get; set; }

    /// <summary>The name the gateway routes by and the API server's certificate has.</summary>
    public required string ServerName { get; init; }

    /// <summary>PEM.</summary>
    public string? CaCertificate { get; set; }

    /// <summary>PEM, sealed by <see cref="Secrets.SecretBox"/>.</summary>
    public byte[]? CaKey { get; set; }

    /// <summary>The key all masters sign service account tokens with: PEM, sealed.</summary>
    public byte[]? ServiceAccountKey { get; set; }

    /// <summary>The authority of its etcd members, of a cluster with several masters: PEM.</summary>
    public string? EtcdCaCertificate { get; set; }

    /// <summary>PEM, sealed.</summary>
    public byte[]? EtcdCaKey { get; set; }

    public bool Protected { get; set; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ReadyAt { get; set; }

    public DateTimeOffset? DeletedAt { get; set; }

    /// <summary>When a deleted cluster's data goes for good.</summary>
    public DateTimeOffset? PurgeAt { get; set; }

    /// <summary>When nothing of it was left but this row, its history.</summary>
    public DateTimeOffset? PurgedAt { get; set; }

    /// <summary>PostgreSQL's xmin: a concurrent change makes the later writer fail.</summary>
    public uint RowVersion { get; private set; }

    public List<ClusterNode> Nodes { get; } = [];
}
