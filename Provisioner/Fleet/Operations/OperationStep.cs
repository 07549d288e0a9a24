namespace Flotilla.Provisioner.Fleet.Operations;

public enum StepState
{
    Pending,
    Running,
    Succeeded,
    Failed,
    Undone,
}

public sealed class OperationStep
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required Guid OperationId { get; init; }

    /// <summary>Unique in the operation: <c>control-plane</c>, <c>node worker-1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What users read: "Start the control plane".</summary>
    public required string Title { get; init; }

    /// <summary>The steps that must be done before.</summary>
    public required List<string> Needs { get; init; }

    public required int Position { get; set; }

    public StepState State { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public string? ErrorCode { get; set; }

    public string? ErrorMessage { get; set; }

    public ErrorFixer? ErrorFixer { get; set; }
}
