using Flotilla.Portal.Web.Views;

namespace Flotilla.Portal.Web.Api;

internal static class OperatorEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/audit", async (HttpContext http, AuditViews audit, CancellationToken cancellationToken) =>
            Results.Ok(await audit.ListAsync(http.Actor(), cancellationToken)));
        api.MapGet("/machines", async (HttpContext http, MachineViews machines, CancellationToken cancellationToken) =>
            http.Actor().IsPlatformAdmin
                ? Results.Ok(await machines.ListAsync(cancellationToken))
                : ApiProblems.Of(new("forbidden", "Only platform admins see machines.")));
    }
}
