using System.Security.Claims;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Flotilla.Portal.Identity.Sessions;

internal sealed class PortalClaimsFactory(UserManager<FleetUser> users, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<FleetUser>(users, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(FleetUser user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        identity.AddClaims(PortalClaims.Of(user));
        return identity;
    }
}
