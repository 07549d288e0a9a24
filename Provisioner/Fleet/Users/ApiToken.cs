namespace Flotilla.Provisioner.Fleet.Users;

/// <summary>A bearer token of the REST API and the CLI; only its SHA-256 is kept.</summary>
public sealed class ApiToken
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required Guid UserId { get; init; }

    public FleetUser? User { get; init; }

    public required string Name { get; set; }

    /// <summary>The first characters, so that its owner recognises it in a list.</summary>
    public required string Prefix { get; init; }

    public required byte[] Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}
