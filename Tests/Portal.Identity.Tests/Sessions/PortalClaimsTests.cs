using System.Security.Claims;
using Flotilla.Portal.Identity.Sessions;
using Flotilla.Provisioner.Fleet.Users;

namespace Flotilla.Portal.Identity.Tests.Sessions;

public sealed class PortalClaimsTests
{
    [Theory, InlineData(true), InlineData(false)]
    public void A_principal_is_the_actor_it_was_made_of(bool isPlatformAdmin)
    {
        var user = new FleetUser { Id = Guid.NewGuid(), Email = "ada@example.com", UserName = "ada", IsPlatformAdmin = isPlatformAdmin };
        var principal = new ClaimsPrincipal(new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, user.Id.ToString()), new(ClaimTypes.Name, PortalClaims.AccountName(user)), .. PortalClaims.Of(user)], "test"));

        var actor = principal.ToActor("192.0.2.1");

        Assert.Equal((user.Id, "ada@example.com", isPlatformAdmin, "192.0.2.1"), (actor.UserId, actor.Name, actor.IsPlatformAdmin, actor.RemoteAddress));
    }

    [Fact]
    public void Nobody_is_no_actor() => Assert.Throws<InvalidOperationException>(() => new ClaimsPrincipal(new ClaimsIdentity()).ToActor());
}
