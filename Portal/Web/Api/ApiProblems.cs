using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Schema;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace Flotilla.Portal.Web.Api;

/// <summary>The one mapper of refusals to <c>application/problem+json</c>.</summary>
internal static class ApiProblems
{
    private const string OutageAdvice = "The platform's operator can start it with deploy/up; clusters run on without it.";

    public static IResult NotFound(string message) => Of(new("not-found", message));

    public static IResult Of(FleetError error)
    {
        var status = Status(error.Code);
        return Write(new(
            ReasonPhrases.GetReasonPhrase(status),
            status,
            error.Message,
            error.Code,
            error.Field is { } field ? [new(field, error.Message)] : null));
    }

    /// <summary>For answers that have no body yet: 401, 403, 405, 415 and the like, in the API alone.</summary>
    public static async Task WriteAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        if (IsApi(http)) { await WriteAsync(http, http.Response.StatusCode); }
    }

    public static Task WriteFailureAsync(HttpContext http)
    {
        if (DatabaseOutage.Explain(http.Features.Get<IExceptionHandlerFeature>()?.Error) is not { } outage)
        {
            return WriteAsync(http, StatusCodes.Status500InternalServerError);
        }
        const int status = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.RetryAfter = "5";
        return Write(new(ReasonPhrases.GetReasonPhrase(status), status, $"{outage} {OutageAdvice}", "database.unreachable")).ExecuteAsync(http);
    }

    public static bool IsApi(HttpContext http) => http.Request.Path.StartsWithSegments(ApiRoutes.Root);

    private static Task WriteAsync(HttpContext http, int status) =>
        Write(new(ReasonPhrases.GetReasonPhrase(status), status, Detail(status))).ExecuteAsync(http);

    private static IResult Write(Problem problem) =>
        Results.Json(problem, PortalJson.Default.Problem, Problem.MediaType, problem.Status);

    private static int Status(string code) => code switch
    {
        "forbidden" => StatusCodes.Status403Forbidden,
        "not-supported" => StatusCodes.Status501NotImplemented,
        "name.taken" or "cluster.busy" or "cluster.state" or "cluster.protected" or "cluster.ambiguous" or "cluster.purged"
            or "cluster.not-ready" or "project.in-use" or "member.last-admin" or "workers.same" => StatusCodes.Status409Conflict,
        _ when code.EndsWith("not-found", StringComparison.Ordinal) => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static string? Detail(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request cannot be read: its body must be JSON with the documented members.",
        StatusCodes.Status401Unauthorized => "Send a valid API token: 'Authorization: Bearer <token>'.",
        StatusCodes.Status415UnsupportedMediaType => "Send the body as application/json.",
        StatusCodes.Status500InternalServerError => "The portal failed; its log has the details.",
        _ => null,
    };
}
