using System.Security.Claims;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Users;

namespace Flotilla.Portal.Identity.Sessions;

/// <summary>What a signed-in user's principal says, whether it came with a cookie or a token.</summary>
public static class PortalClaims
{
    public const string PlatformAdmin = "flotilla:platform-admin";

    public static IEnumerable<Claim> Of(FleetUser user)
    {
        yield return new("name", user.DisplayName ?? AccountName(user));
        if (user.IsPlatformAdmin) { yield return new(PlatformAdmin, "true"); }
    }

    /// <summary>The user as the domain's commands know it; only for a principal that is signed in.</summary>
    public static Actor ToActor(this ClaimsPrincipal principal, string? remoteAddress = null) => new(
        Guid.Parse(principal.FindFirstValue(ClaimTypes.NameIdentifier) ?? throw new InvalidOperationException("Nobody is signed in.")),
        principal.Identity?.Name ?? "",
        principal.HasClaim(PlatformAdmin, "true"),
        remoteAddress);

    public static string AccountName(FleetUser user) => user.Email ?? user.UserName ?? user.Id.ToString();
}
