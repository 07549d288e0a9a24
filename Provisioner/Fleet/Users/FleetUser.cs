using Microsoft.AspNetCore.Identity;

namespace Flotilla.Provisioner.Fleet.Users;

public sealed class FleetUser : IdentityUser<Guid>
{
    public string? DisplayName { get; set; }

    /// <summary>Sees every project, sets quotas, repairs machines.</summary>
    public bool IsPlatformAdmin { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Users sign in by e-mail; the address is vouched for by whoever adds them.</summary>
    public static FleetUser Create(string name, string email, bool isPlatformAdmin, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(),
        UserName = email,
        Email = email,
        EmailConfirmed = true,
        DisplayName = name,
        IsPlatformAdmin = isPlatformAdmin,
        CreatedAt = now,
    };
}
