using System.CommandLine;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

internal static class ClusterCommands
{
    public static Command All(Session session) => new("cluster", "Create, use and remove clusters.")
    {
        Create(session),
        List(session),
        Get(session),
        Nodes(session),
        Scale(session),
        Delete(session),
        Start(session, "undelete", "Bring back a deleted cluster with its data."),
        Start(session, "hibernate", "Stop a cluster and keep its data."),
        Start(session, "wake", "Start a hibernated cluster."),
        Start(session, "repair", "Replace what does not work."),
        Start(session, "upgrade", "Move a cluster to the next version."),
        Start(session, "rollback", "Undo the last upgrade."),
        KubeconfigCommand.Of(session),
    };

    private static Command Create(Session session)
    {
        var name = CommonOptions.Name("cluster");
        var project = CommonOptions.Project(required: true);
        var purpose = new Option<string>("--purpose")
        {
            Description = "personal (1 master), dev (3) or prod (5)",
            DefaultValueFactory = _ => "personal",
        };
        purpose.AcceptOnlyFromAmong("personal", "dev", "prod");
        var workers = new Option<int>("--workers") { Description = "worker nodes", DefaultValueFactory = _ => 1 };
        var run = new OperationOptions(session);
        var command = run.AddTo(new("create", "Create a cluster.") { name, project, purpose, workers });
        command.SetAction((parsed, cancellationToken) => run.RunAsync(parsed, portal => portal.PostAsync(
            "clusters",
            new NewCluster(parsed.GetValue(name)!, parsed.GetValue(project)!, parsed.GetValue(purpose)!, parsed.GetValue(workers)),
            PortalJson.Default.NewCluster,
            PortalJson.Default.OperationView,
            cancellationToken), cancellationToken));
        return command;
    }

    private static Command List(Session session)
    {
        var project = CommonOptions.Project();
        var output = CommonOptions.Output();
        var command = new Command("list", "List clusters.") { project, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var path = ClusterPath.Query("clusters", parsed.GetValue(project));
            var clusters = await portal.GetAsync(path, PortalJson.Default.IReadOnlyListClusterView, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), clusters, PortalJson.Default.IReadOnlyListClusterView, session.Tables.Clusters);
        });
        return command;
    }

    private static Command Get(Session session)
    {
        var (name, project, output) = (CommonOptions.Name("cluster"), CommonOptions.Project(), CommonOptions.Output());
        var command = new Command("get", "Show one cluster.") { name, project, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var path = ClusterPath.Of(parsed.GetValue(name)!, "", parsed.GetValue(project));
            var cluster = await portal.GetAsync(path, PortalJson.Default.ClusterView, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), cluster, PortalJson.Default.ClusterView, c => session.Tables.Clusters([c]));
        });
        return command;
    }

    private static Command Nodes(Session session)
    {
        var (name, project, output) = (CommonOptions.Name("cluster"), CommonOptions.Project(), CommonOptions.Output());
        var command = new Command("nodes", "List a cluster's masters and workers.") { name, project, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var path = ClusterPath.Of(parsed.GetValue(name)!, "/nodes", parsed.GetValue(project));
            var nodes = await portal.GetAsync(path, PortalJson.Default.IReadOnlyListNodeView, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), nodes, PortalJson.Default.IReadOnlyListNodeView, session.Tables.Nodes);
        });
        return command;
    }

    private static Command Scale(Session session)
    {
        var (name, project) = (CommonOptions.Name("cluster"), CommonOptions.Project());
        var workers = new Option<int>("--workers") { Description = "worker nodes", Required = true };
        var run = new OperationOptions(session);
        var command = run.AddTo(new("scale", "Change the number of worker nodes.") { name, project, workers });
        command.SetAction((parsed, cancellationToken) => run.RunAsync(parsed, portal => portal.PostAsync(
            ClusterPath.Of(parsed.GetValue(name)!, "/scale", parsed.GetValue(project)),
            new ClusterScale(parsed.GetValue(workers)),
            PortalJson.Default.ClusterScale,
            PortalJson.Default.OperationView,
            cancellationToken), cancellationToken));
        return command;
    }

    private static Command Delete(Session session)
    {
        var (name, project, yes) = (CommonOptions.Name("cluster"), CommonOptions.Project(), CommonOptions.Yes());
        var run = new OperationOptions(session);
        var command = run.AddTo(new("delete", "Delete a cluster. It can be undeleted for some days.") { name, project, yes });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await session.ConfirmAsync("delete the cluster", parsed.GetValue(name)!, parsed.GetValue(yes), cancellationToken);
            var path = ClusterPath.Of(parsed.GetValue(name)!, "", parsed.GetValue(project));
            return await run.RunAsync(
                parsed, portal => portal.DeleteAsync(path, PortalJson.Default.OperationView, cancellationToken), cancellationToken);
        });
        return command;
    }

    private static Command Start(Session session, string verb, string description)
    {
        var (name, project) = (CommonOptions.Name("cluster"), CommonOptions.Project());
        var run = new OperationOptions(session);
        var command = run.AddTo(new(verb, description) { name, project });
        command.SetAction((parsed, cancellationToken) => run.RunAsync(parsed, portal => portal.PostAsync(
            ClusterPath.Of(parsed.GetValue(name)!, "/" + verb, parsed.GetValue(project)),
            PortalJson.Default.OperationView,
            cancellationToken), cancellationToken));
        return command;
    }
}
