namespace Flotilla.Provisioner.Fleet.Clusters;

public enum NodeRole
{
    Master,
    Worker,
}

public enum NodeState
{
    Pending,
    Starting,
    Ready,
    NotReady,
    Stopping,
    Stopped,
}

/// <summary>A master (a control-plane process) or a worker (a sandboxed node) of a cluster.</summary>
public sealed class ClusterNode
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string ClusterId { get; init; }

    public Cluster? Cluster { get; init; }

    /// <summary><c>master-0</c>, or a worker's node name in Kubernetes.</summary>
    public required string Name { get; init; }

    public required NodeRole Role { get; init; }

    /// <summary>0-based among the cluster's nodes of the role.</summary>
    public required int Index { get; init; }

    public required Guid MachineId { get; init; }

    public string? Address { get; set; }

    public NodeState State { get; set; }

    public string? Message { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StateChangedAt { get; set; }
}
