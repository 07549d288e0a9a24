namespace Flotilla.Provisioner.Fleet.Projects;

public sealed class Project
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>A DNS label, unique on the platform.</summary>
    public required string Name { get; set; }

    public string? Description { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public Quota Quota { get; set; } = new();

    public List<Membership> Memberships { get; } = [];
}

public sealed class Quota
{
    public Guid ProjectId { get; init; }

    public int Clusters { get; set; } = 10;

    /// <summary>Workers of all clusters together.</summary>
    public int Workers { get; set; } = 50;
}
