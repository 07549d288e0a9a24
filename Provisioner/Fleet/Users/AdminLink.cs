namespace Flotilla.Provisioner.Fleet.Users;

/// <summary>The one-time link with which the first admin sets name and password.</summary>
public sealed class AdminLink
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required byte[] Hash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}
