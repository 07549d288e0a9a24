using Flotilla.Provisioner.Fleet.Users;

namespace Flotilla.Provisioner.Fleet.Projects;

/// <summary>In order of power: each role may do what the ones before it may.</summary>
public enum ProjectRole
{
    Viewer,
    Developer,
    Admin,
}

public sealed class Membership
{
    public required Guid ProjectId { get; init; }

    public Project? Project { get; init; }

    public required Guid UserId { get; init; }

    public FleetUser? User { get; init; }

    public required ProjectRole Role { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}
