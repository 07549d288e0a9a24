using System.CommandLine;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

internal static class OperationCommands
{
    public static Command All(Session session) => new("operation", "Look at what was asked for and how far it is.")
    {
        Get(session),
        List(session),
    };

    private static Command Get(Session session)
    {
        var (id, output) = (CommonOptions.Id("operation"), CommonOptions.Output());
        var command = new Command("get", "Show an operation's steps.") { id, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var operation = await portal.GetAsync(
                $"operations/{parsed.GetValue(id)}", PortalJson.Default.OperationView, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), operation, PortalJson.Default.OperationView, session.Tables.Operation);
        });
        return command;
    }

    private static Command List(Session session)
    {
        var (name, project, output) = (CommonOptions.Name("cluster"), CommonOptions.Project(), CommonOptions.Output());
        var command = new Command("list", "List a cluster's operations, newest first.") { name, project, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var path = ClusterPath.Of(parsed.GetValue(name)!, "/operations", parsed.GetValue(project));
            var operations = await portal.GetAsync(path, PortalJson.Default.IReadOnlyListOperationView, cancellationToken);
            session.Printer.Print(
                parsed.GetValue(output), operations, PortalJson.Default.IReadOnlyListOperationView, session.Tables.Operations);
        });
        return command;
    }
}
