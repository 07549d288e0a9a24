using Microsoft.AspNetCore.Identity;

namespace Flotilla.Provisioner.Fleet.Users;

public sealed class FleetUser : IdentityUser<Guid>
{
    public string? DisplayName { get; set; }

    /// <summary>Sees every project, sets quotas, repairs machines.</summary>
    public bool IsPlatformAdmin { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
