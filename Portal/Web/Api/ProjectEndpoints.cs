using Flotilla.Portal.Contracts;
using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Projects;

namespace Flotilla.Portal.Web.Api;

internal static class ProjectEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/projects", async (HttpContext http, ProjectViews projects, CancellationToken cancellationToken) =>
            Results.Ok(await projects.ListAsync(http.Actor(), cancellationToken)));
        api.MapPost("/projects", CreateAsync);
        api.MapGet("/projects/{name}", async (string name, HttpContext http, ProjectViews projects, CancellationToken cancellationToken) =>
            await projects.FindAsync(http.Actor(), name, cancellationToken) is { } project
                ? Results.Ok(project)
                : ApiProblems.Of(ProjectAccess.NotFound));
        api.MapDelete("/projects/{name}", DeleteAsync);
    }

    private static async Task<IResult> CreateAsync(
        NewProject wanted, HttpContext http, ProjectCommands commands, ProjectViews projects, CancellationToken cancellationToken)
    {
        var actor = http.Actor();
        var outcome = await commands.CreateAsync(wanted.Name ?? "", wanted.Description, actor, cancellationToken);
        return outcome.Succeeded
            ? Results.Created($"{ApiRoutes.Root}/projects/{wanted.Name}", await projects.FindAsync(actor, outcome.Value.Name, cancellationToken))
            : ApiProblems.Of(outcome.Error);
    }

    private static async Task<IResult> DeleteAsync(
        string name, HttpContext http, ProjectCommands commands, ProjectViews projects, CancellationToken cancellationToken)
    {
        var actor = http.Actor();
        if (await projects.FindAsync(actor, name, cancellationToken) is not { } project) { return ApiProblems.Of(ProjectAccess.NotFound); }
        var outcome = await commands.DeleteAsync(project.Id, name, actor, cancellationToken);
        return outcome.Succeeded ? Results.NoContent() : ApiProblems.Of(outcome.Error);
    }
}
