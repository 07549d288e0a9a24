using Flotilla.ClusterCore.Client.Informers;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>
/// All controllers of one term of leadership. Each starts when what it reads has been listed: a kind that the server forbids, or does
/// not serve, stops nobody who does without it, and who needs it starts when it may be read.
/// </summary>
internal sealed partial class ControllerTerm
{
    private readonly ControllerContext context;
    private readonly ILogger logger;
    private readonly (IController Controller, IReadOnlyCollection<IInformer> Reads)[] parts;

    public ControllerTerm(ControllerContext context, IEnumerable<Func<IController>> controllers)
    {
        this.context = context;
        logger = context.Loggers.CreateLogger<ControllerTerm>();
        parts = [.. controllers.Select(create => (create(), context.Informers.TakeAsked()))];
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] running =
        [
            context.Informers.RunAsync(term.Token),
            .. context.Recorders.Select(recorder => recorder.RunAsync(term.Token)),
            .. parts.Select(part => RunAsync(part.Controller, part.Reads, term.Token)),
        ];
        try
        {
            // A controller that ends before its term is a bug: the term ends with it, and the next one starts afresh.
            await await Task.WhenAny(running);
        }
        finally
        {
            await term.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(IController controller, IReadOnlyCollection<IInformer> reads, CancellationToken cancellationToken)
    {
        var synced = reads.Select(informer => informer.WaitForSyncAsync(cancellationToken));
        await (controller.ReadsWhatItCan ? Task.WhenAny(synced) : Task.WhenAll(synced));
        if (controller.IsServed)
        {
            LogStarted(logger, controller.Name);
            await controller.RunAsync(cancellationToken);
        }
        else
        {
            LogLeftOut(logger, controller.Name);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Controller} started")]
    private static partial void LogStarted(ILogger logger, string controller);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Controller} is left out: the server does not serve what it is for")]
    private static partial void LogLeftOut(ILogger logger, string controller);
}
