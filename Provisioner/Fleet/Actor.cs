namespace Flotilla.Provisioner.Fleet;

/// <summary>Who asks for a command; the platform itself is <see cref="System"/>.</summary>
public sealed record Actor(Guid? UserId, string Name, bool IsPlatformAdmin = false, string? RemoteAddress = null)
{
    public static Actor System { get; } = new(null, "system:flotilla", IsPlatformAdmin: true);
}
