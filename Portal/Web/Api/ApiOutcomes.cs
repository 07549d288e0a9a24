using Flotilla.Portal.Identity.Sessions;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;

namespace Flotilla.Portal.Web.Api;

internal static class ApiOutcomes
{
    public static Actor Actor(this HttpContext http) => http.User.ToActor(http.Connection.RemoteIpAddress?.ToString());

    /// <summary>The started operation, 202; or the refusal.</summary>
    public static async Task<IResult> AnswerAsync(
        this Outcome<StartedOperation> outcome, OperationViews operations, Actor actor, CancellationToken cancellationToken)
    {
        if (!outcome.Succeeded) { return ApiProblems.Of(outcome.Error); }
        var operation = await operations.FindAsync(actor, outcome.Value.OperationId, cancellationToken);
        return Results.Accepted($"{ApiRoutes.Root}/operations/{outcome.Value.OperationId}", operation);
    }
}
