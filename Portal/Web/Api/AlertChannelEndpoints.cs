using Flotilla.Portal.Web.Views;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Projects;

namespace Flotilla.Portal.Web.Api;

internal static class AlertChannelEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/alert-channels", async (string? project, HttpContext http, AlertChannelViews channels, CancellationToken cancellationToken) =>
            Results.Ok(await channels.ListAsync(http.Actor(), project, cancellationToken)));
        api.MapPost("/alert-channels", CreateAsync);
        api.MapDelete("/alert-channels/{id:guid}", async (Guid id, HttpContext http, AlertChannelCommands commands, CancellationToken cancellationToken) =>
            await commands.DeleteAsync(id, http.Actor(), cancellationToken) is { Succeeded: false, Error: var error }
                ? ApiProblems.Of(error)
                : Results.NoContent());
        api.MapPost("/alert-channels/{id:guid}/test", TestAsync);
        api.MapGet("/alert-channels/{id:guid}/deliveries", async (Guid id, HttpContext http, AlertChannelViews channels, CancellationToken cancellationToken) =>
            await channels.DeliveriesAsync(http.Actor(), id, cancellationToken) is { } deliveries
                ? Results.Ok(deliveries)
                : ApiProblems.NotFound("There is no such alert channel."));
    }

    private static async Task<IResult> CreateAsync(
        Contracts.NewAlertChannel wanted, HttpContext http, AlertChannelCommands commands, ProjectViews projects, CancellationToken cancellationToken)
    {
        var actor = http.Actor();
        if (ApiWord.Parse<ChannelKind>(wanted.Kind ?? "webhook") is not { } kind)
        {
            return ApiProblems.Of(new("kind.invalid", "A kind is webhook, slack, teams or kakaoTalk.", "kind"));
        }
        if (await projects.FindAsync(actor, wanted.Project ?? "", cancellationToken) is not { } project)
        {
            return ApiProblems.Of(ProjectAccess.NotFound with { Field = "project" });
        }
        var created = await commands.CreateAsync(new(project.Id, wanted.Name ?? "", kind, wanted.Url ?? ""), actor, cancellationToken);
        if (!created.Succeeded) { return ApiProblems.Of(created.Error); }
        var view = AlertChannelViews.View(created.Value.Channel, project.Name);
        return Results.Created($"{ApiRoutes.Root}/alert-channels/{view.Id}", new Contracts.CreatedAlertChannel(view, created.Value.Secret));
    }

    private static async Task<IResult> TestAsync(
        Guid id, HttpContext http, AlertChannelCommands commands, AlertChannelViews channels, CancellationToken cancellationToken)
    {
        var actor = http.Actor();
        var sent = await commands.TestAsync(id, actor, cancellationToken);
        if (!sent.Succeeded) { return ApiProblems.Of(sent.Error); }
        var deliveries = await channels.DeliveriesAsync(actor, id, cancellationToken);
        return Results.Accepted($"{ApiRoutes.Root}/alert-channels/{id}/deliveries", deliveries?.FirstOrDefault(delivery => delivery.Rule == "test"));
    }
}
