using System.CommandLine;
using Flotilla.Portal.Cli.Api;
using Flotilla.Portal.Cli.Output;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

/// <summary>What each command that starts an operation does after: print it, or wait for its end.</summary>
internal sealed class OperationOptions(Session session)
{
    private readonly Option<bool> wait = CommonOptions.Wait();
    private readonly Option<OutputFormat> output = CommonOptions.Output();

    public Command AddTo(Command command)
    {
        command.Add(wait);
        command.Add(output);
        return command;
    }

    public async Task<int> RunAsync(
        ParseResult parsed, Func<PortalClient, Task<OperationView>> start, CancellationToken cancellationToken)
    {
        using var portal = await session.ConnectAsync(cancellationToken);
        var operation = await start(portal);
        if (parsed.GetValue(wait)) { operation = await OperationWait.UntilOverAsync(portal, operation, session.Printer, cancellationToken); }
        session.Printer.Print(
            parsed.GetValue(output), operation, PortalJson.Default.OperationView, o => session.Tables.Operations([o]));
        return operation.State is OperationStates.Failed or OperationStates.Cancelled
            ? throw new CliException($"{operation.Kind} of '{operation.Cluster}' {(operation.State == OperationStates.Failed ? "failed" : "was cancelled")}: {operation.Error?.Message ?? "no reason given"}")
            : 0;
    }
}
