using System.CommandLine;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

internal static class ProjectCommands
{
    public static Command All(Session session) => new("project", "Projects hold clusters, members and quotas.")
    {
        Create(session),
        List(session),
    };

    private static Command Create(Session session)
    {
        var name = CommonOptions.Name("project");
        var description = new Option<string>("--description") { Description = "what the project is for" };
        var output = CommonOptions.Output();
        var command = new Command("create", "Create a project.") { name, description, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var project = await portal.PostAsync(
                "projects",
                new NewProject(parsed.GetValue(name)!, parsed.GetValue(description)),
                PortalJson.Default.NewProject,
                PortalJson.Default.ProjectView,
                cancellationToken);
            session.Printer.Print(parsed.GetValue(output), project, PortalJson.Default.ProjectView, p => session.Tables.Projects([p]));
        });
        return command;
    }

    private static Command List(Session session)
    {
        var output = CommonOptions.Output();
        var command = new Command("list", "List the projects you are a member of.") { output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var projects = await portal.GetAsync("projects", PortalJson.Default.IReadOnlyListProjectView, cancellationToken);
            session.Printer.Print(parsed.GetValue(output), projects, PortalJson.Default.IReadOnlyListProjectView, session.Tables.Projects);
        });
        return command;
    }
}
