using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;

namespace Flotilla.Portal.Web.Accounts;

/// <summary>Account routes that are no pages.</summary>
internal static class AccountRoutes
{
    public static void MapAccounts(this IEndpointRouteBuilder app) =>
        // Endpoints that bind a form check the antiforgery token before they run.
        app.MapPost("/logout", async (SignInManager<FleetUser> session, [Microsoft.AspNetCore.Mvc.FromForm] string? returnUrl) =>
        {
            await session.SignOutAsync();
            return Results.LocalRedirect(ReturnUrl.Local(returnUrl, "/login"));
        });
}
