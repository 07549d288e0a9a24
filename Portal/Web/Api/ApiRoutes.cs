using Flotilla.Portal.Identity.Tokens;
using Flotilla.Provisioner.Fleet;
using Microsoft.AspNetCore.Authorization;

namespace Flotilla.Portal.Web.Api;

/// <summary>Every route of the REST API.</summary>
internal static class ApiRoutes
{
    public const string Root = "/api/v1";

    public static void MapPortalApi(this IEndpointRouteBuilder app)
    {
        // Tokens alone: a cookie would need protection against forged requests.
        var tokensOnly = new AuthorizationPolicyBuilder(ApiTokenAuthentication.SchemeName).RequireAuthenticatedUser().Build();
        var api = app.MapGroup(Root).RequireAuthorization(tokensOnly).DisableAntiforgery();
        AccountEndpoints.Map(api);
        ProjectEndpoints.Map(api);
        ClusterEndpoints.Map(api);
        OperationEndpoints.Map(api);
        AlertChannelEndpoints.Map(api);
        OperatorEndpoints.Map(api);
        api.MapFallback(() => ApiProblems.NotFound("There is no such route in the API."));
        app.MapGet("/healthz", CheckHealthAsync);
    }

    // Without the database nothing of the portal works: whoever balances several portals must know.
    private static async Task<IResult> CheckHealthAsync(FleetDbContext context, CancellationToken cancellationToken) =>
        await context.Database.CanConnectAsync(cancellationToken)
            ? Results.Text("ok")
            : Results.Text("PostgreSQL does not answer.", statusCode: StatusCodes.Status503ServiceUnavailable);
}
