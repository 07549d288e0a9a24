using System.CommandLine;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

internal static class AlertCommands
{
    public static Command All(Session session) => new("alert", "Channels that tell a chat or a program what happens in clusters.")
    {
        Create(session),
        List(session),
        Test(session),
        Deliveries(session),
        Delete(session),
    };

    private static Command Create(Session session)
    {
        var name = CommonOptions.Name("channel");
        var project = CommonOptions.Project(required: true);
        var url = new Option<string>("--url") { Description = "where alerts are posted", Required = true };
        var output = CommonOptions.Output();
        var command = new Command("create", "Create a webhook; its signing secret is shown once.") { name, project, url, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var created = await portal.PostAsync(
                "alert-channels",
                new NewAlertChannel(parsed.GetValue(name)!, parsed.GetValue(project)!, parsed.GetValue(url)!),
                PortalJson.Default.NewAlertChannel,
                PortalJson.Default.CreatedAlertChannel,
                cancellationToken);
            session.Printer.Print(parsed.GetValue(output), created, PortalJson.Default.CreatedAlertChannel,
                c => new(["ID", "NAME", "SECRET"], [[$"{c.Channel.Id}", c.Channel.Name, c.Secret ?? ""]]));
        });
        return command;
    }

    private static Command List(Session session)
    {
        var (project, output) = (CommonOptions.Project(), CommonOptions.Output());
        var command = new Command("list", "List alert channels.") { project, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var path = ClusterPath.Query("alert-channels", parsed.GetValue(project));
            var channels = await portal.GetAsync(path, PortalJson.Default.IReadOnlyListAlertChannelView, cancellationToken);
            session.Printer.Print(
                parsed.GetValue(output), channels, PortalJson.Default.IReadOnlyListAlertChannelView, session.Tables.AlertChannels);
        });
        return command;
    }

    private static Command Test(Session session)
    {
        var (id, output) = (CommonOptions.Id("channel"), CommonOptions.Output());
        var command = new Command("test", "Send a test alert.") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var delivery = await portal.PostAsync(
                $"alert-channels/{parsed.GetValue(id)}/test", PortalJson.Default.DeliveryView, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), delivery, PortalJson.Default.DeliveryView, d => session.Tables.Deliveries([d]));
        });
        return command;
    }

    private static Command Deliveries(Session session)
    {
        var (id, output) = (CommonOptions.Id("channel"), CommonOptions.Output());
        var command = new Command("deliveries", "List what was sent to a channel, newest first.") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var deliveries = await portal.GetAsync(
                $"alert-channels/{parsed.GetValue(id)}/deliveries", PortalJson.Default.IReadOnlyListDeliveryView, cancellationToken);
            session.Printer.Print(
                parsed.GetValue(output), deliveries, PortalJson.Default.IReadOnlyListDeliveryView, session.Tables.Deliveries);
        });
        return command;
    }

    private static Command Delete(Session session)
    {
        var id = CommonOptions.Id("channel");
        var command = new Command("delete", "Delete a channel.") { id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            await portal.DeleteAsync($"alert-channels/{parsed.GetValue(id)}", cancellationToken);
        });
        return command;
    }
}
