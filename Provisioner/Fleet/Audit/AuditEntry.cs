namespace Flotilla.Provisioner.Fleet.Audit;

public sealed class AuditEntry
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required DateTimeOffset At { get; init; }

    public Guid? UserId { get; init; }

    public required string Actor { get; init; }

    /// <summary><c>cluster.create</c>, <c>project.member.add</c>, …</summary>
    public required string Action { get; init; }

    public required string Target { get; init; }

    public Guid? ProjectId { get; init; }

    public string? Detail { get; init; }

    public string? RemoteAddress { get; init; }
}
