using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Provisioner.Fleet.Operations;

public enum OperationKind
{
    CreateCluster,
    DeleteCluster,
    UndeleteCluster,
    PurgeCluster,
    ScaleCluster,
    RepairCluster,
    HibernateCluster,
    WakeCluster,
}

public enum OperationState
{
    Pending,
    Running,
    Succeeded,
    Failed,

    /// <summary>Given up because a user wanted something else: the cluster was deleted while it ran.</summary>
    Cancelled,
}

/// <summary>Who can do something about an error.</summary>
public enum ErrorFixer
{
    User,
    Operator,

    /// <summary>Nobody needs to: the platform tries again.</summary>
    Retrying,
}

public sealed class Operation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required OperationKind Kind { get; init; }

    public required string ClusterId { get; init; }

    public Cluster? Cluster { get; init; }

    public required Guid ProjectId { get; init; }

    /// <summary>The machine whose provisioner runs it.</summary>
    public required Guid MachineId { get; init; }

    public OperationState State { get; set; }

    public int Attempts { get; set; }

    /// <summary>0–100: steps done.</summary>
    public int Progress { get; set; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>From how long the steps took in earlier operations of the kind.</summary>
    public DateTimeOffset? EstimatedFinish { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public ErrorFixer? ErrorFixer { get; set; }

    public List<OperationStep> Steps { get; } = [];

    /// <summary>Ends it where it is; what it made is for the operation that follows to take back.</summary>
    public void Cancel(string reason, DateTimeOffset now)
    {
        (State, FinishedAt) = (OperationState.Cancelled, now);
        (ErrorCode, ErrorMessage, ErrorFixer) = ("operation.cancelled", reason, null);
        foreach (var step in Steps.Where(step => step.State == StepState.Running)) { step.State = StepState.Pending; }
    }
}
