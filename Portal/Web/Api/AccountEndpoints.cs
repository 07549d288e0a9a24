using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Users;

namespace Flotilla.Portal.Web.Api;

internal static class AccountEndpoints
{
    private const int MaxNameLength = 80;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/me", (HttpContext http) =>
        {
            var actor = http.Actor();
            return Results.Ok(new Me(actor.Name, http.User.FindFirst("name")?.Value ?? actor.Name, actor.IsPlatformAdmin));
        });
        api.MapGet("/tokens", async (HttpContext http, TokenViews tokens, CancellationToken cancellationToken) =>
            Results.Ok(await tokens.ListAsync(http.Actor(), cancellationToken)));
        api.MapPost("/tokens", CreateTokenAsync);
        api.MapDelete("/tokens/{id:guid}", async (Guid id, HttpContext http, ApiTokens tokens, CancellationToken cancellationToken) =>
            await tokens.RevokeAsync(http.Actor().UserId!.Value, id, cancellationToken)
                ? Results.NoContent()
                : ApiProblems.NotFound("There is no such token."));
    }

    private static async Task<IResult> CreateTokenAsync(
        NewToken wanted, HttpContext http, ApiTokens tokens, TokenViews views, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(wanted.Name) || wanted.Name.Length > MaxNameLength)
        {
            return ApiProblems.Of(new("name.invalid", $"A token needs a name of at most {MaxNameLength} characters.", "name"));
        }
        if (wanted.ExpiresInDays is < 1 or > 3650)
        {
            return ApiProblems.Of(new("expiresInDays.invalid", "A token lasts 1 to 3650 days, or has no end.", "expiresInDays"));
        }
        var actor = http.Actor();
        var lifetime = wanted.ExpiresInDays is { } days ? TimeSpan.FromDays(days) : (TimeSpan?)null;
        var issued = await tokens.IssueAsync(actor.UserId!.Value, wanted.Name.Trim(), lifetime, cancellationToken);
        var view = (await views.ListAsync(actor, cancellationToken)).Single(token => token.Id == issued.Id);
        return Results.Created($"{ApiRoutes.Root}/tokens/{issued.Id}", new CreatedToken(view, issued.Secret));
    }
}
