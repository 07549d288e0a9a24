namespace Flotilla.Provisioner.Fleet.Users;

/// <summary>A key of ASP.NET Core data protection, shared by all portals so that a session survives the one that made it.</summary>
public sealed class DataProtectionKey
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required string FriendlyName { get; init; }

    public required string Xml { get; init; }
}
