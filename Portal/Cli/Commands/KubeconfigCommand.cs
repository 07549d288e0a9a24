using System.CommandLine;
using Flotilla.Portal.Cli.Configuration;

namespace Flotilla.Portal.Cli.Commands;

internal static class KubeconfigCommand
{
    public static Command Of(Session session)
    {
        var (name, project) = (CommonOptions.Name("cluster"), CommonOptions.Project());
        var file = new Option<FileInfo>("--file", "-f") { Description = "write to this file (mode 0600) and not to standard output" };
        var command = new Command("kubeconfig", "Get a kubeconfig for a cluster.") { name, project, file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var portal = await session.ConnectAsync(cancellationToken);
            var path = ClusterPath.Of(parsed.GetValue(name)!, "/kubeconfig", parsed.GetValue(project));
            var kubeconfig = await portal.GetTextAsync(path, cancellationToken);
            if (parsed.GetValue(file) is not { } target)
            {
                session.Printer.Line(kubeconfig.TrimEnd());
                return;
            }
            await WriteAsync(target, kubeconfig, cancellationToken);
            session.Printer.Progress($"Wrote {target.FullName}");
        });
        return command;
    }

    private static async Task WriteAsync(FileInfo target, string text, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new StreamWriter(PrivateFile.Create(target.FullName));
            await stream.WriteAsync(text.AsMemory(), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write {target.FullName}: {e.Message}");
        }
    }
}
