using Flotilla.Portal.Web.Views;

namespace Flotilla.Portal.Web.Api;

internal static class OperationEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/operations/{id:guid}", async (Guid id, HttpContext http, OperationViews operations, CancellationToken cancellationToken) =>
            await operations.FindAsync(http.Actor(), id, cancellationToken) is { } operation ? Results.Ok(operation) : NoSuchOperation);
        // Server-sent events: the operation now and after each change; ends when it is over.
        api.MapGet("/operations/{id:guid}/watch", async (Guid id, HttpContext http, OperationViews operations, CancellationToken cancellationToken) =>
            await operations.FindAsync(http.Actor(), id, cancellationToken) is null
                ? NoSuchOperation
                : TypedResults.ServerSentEvents(operations.WatchAsync(http.Actor(), id, cancellationToken)));
    }

    private static IResult NoSuchOperation { get; } = ApiProblems.NotFound("There is no such operation.");
}
