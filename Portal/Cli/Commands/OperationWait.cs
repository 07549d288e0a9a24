using Flotilla.Portal.Cli.Api;
using Flotilla.Portal.Cli.Output;
using Flotilla.Portal.Contracts;

namespace Flotilla.Portal.Cli.Commands;

internal static class OperationWait
{
    /// <summary>Follows the operation, telling each step once when it starts and once when it ends.</summary>
    public static async Task<OperationView> UntilOverAsync(
        PortalClient portal, OperationView operation, Printer printer, CancellationToken cancellationToken)
    {
        var told = new HashSet<(string Step, string State)>();
        await foreach (var now in portal.WatchOperationAsync(operation.Id, cancellationToken))
        {
            operation = now;
            foreach (var step in now.Steps)
            {
                if (step.State != "pending" && told.Add((step.Name, step.State))) { printer.Progress(Line(step)); }
            }
            if (operation.IsOver()) { return operation; }
        }
        throw new CliException($"the portal ended the watch; operation {operation.Id} was {operation.State}");
    }

    private static string Line(StepView step) => step.State switch
    {
        "running" => $"… {step.Title}",
        OperationStates.Succeeded => $"✓ {step.Title}{Took(step)}",
        OperationStates.Failed => $"✗ {step.Title}: {step.Error?.Message}",
        _ => $"  {step.Title}: {step.State}",
    };

    private static string Took(StepView step) =>
        step is { StartedAt: { } start, FinishedAt: { } end } ? $" ({(end - start).TotalSeconds:0.0}s)" : "";
}
