namespace Flotilla.Provisioner.Fleet.Alerts;

public enum AlertSeverity
{
    Info,
    Warning,
    Critical,
}

/// <summary>Something that happened in a cluster, told once: <see cref="Key"/> is unique in the cluster.</summary>
public sealed class Alert
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string ClusterId { get; init; }

    public required Guid ProjectId { get; init; }

    /// <summary><c>new-app</c>, <c>deployed</c>, <c>pods-dying</c>, <c>node-not-ready</c>, <c>test</c>.</summary>
    public required string Rule { get; init; }

    public required string Key { get; init; }

    public required AlertSeverity Severity { get; init; }

    public required string Title { get; init; }

    public required string Text { get; init; }

    public string? ObjectKind { get; init; }

    public string? ObjectNamespace { get; init; }

    public string? ObjectName { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }
}

/// <summary>From when on a cluster is watched: what was there before is not news.</summary>
public sealed class AlertWatch
{
    public required string ClusterId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }
}
