using System.CommandLine;
using Flotilla.Portal.Cli.Commands;
using Flotilla.Portal.Cli.Configuration;
using Flotilla.Portal.Cli.Output;

namespace Flotilla.Portal.Cli;

/// <summary>The command tree, and the one place where a failure becomes a line on standard error and an exit code.</summary>
internal sealed class Cli(TextWriter output, TextWriter error, TextReader input, ConfigFile config, TimeProvider clock)
{
    public static Cli OnTerminal() => new(Console.Out, Console.Error, Console.In, ConfigFile.OfUser(), TimeProvider.System);

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var parsed = Root().Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            await error.WriteLineAsync($"flotilla: {string.Join("; ", parsed.Errors.Select(e => OneLine(e.Message)))}");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new() { Output = output, Error = error, EnableDefaultExceptionHandler = false }, cancellationToken);
        }
        catch (CliException e)
        {
            await error.WriteLineAsync($"flotilla: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("flotilla: interrupted");
            return 130;
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    internal RootCommand Root()
    {
        var session = new Session(config, new Printer(output, error, clock), input);
        return new("Kubernetes clusters of your own, from your own machines.")
        {
            LoginCommands.Login(session),
            LoginCommands.Logout(session),
            LoginCommands.WhoAmI(session),
            ProjectCommands.All(session),
            ClusterCommands.All(session),
            OperationCommands.All(session),
            AlertCommands.All(session),
            TokenCommands.All(session),
        };
    }
}
