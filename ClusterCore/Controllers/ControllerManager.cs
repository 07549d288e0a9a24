using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Election;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Controllers;

/// <summary>Runs all controllers, on one member of the control plane at a time.</summary>
public static partial class ControllerManager
{
    private const string LeaseName = "kube-controller-manager";

    public static Task RunAsync(
        ApiClient client, ControllerManagerOptions options, TimeProvider clock, CancellationToken cancellationToken,
        ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        loggers ??= NullLoggerFactory.Instance;
        if (!options.LeaderElect)
        {
            return LeadAsync(client, options, clock, loggers, cancellationToken);
        }
        var election = new LeaderElectionOptions { LeaseName = LeaseName, Identity = options.Identity };
        var elector = new LeaderElector(client, election, clock, loggers.CreateLogger<LeaderElector>());
        return elector.RunAsync(leading => LeadAsync(client, options, clock, loggers, leading), cancellationToken);
    }

    /// <summary>Everything is made anew for each term: what an earlier term knew may be out of date.</summary>
    private static async Task LeadAsync(
        ApiClient client, ControllerManagerOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(typeof(ControllerManager));
        var context = new ControllerContext(client, options, clock, loggers);
        var controllers = ControllerList.Create(context);
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var informers = context.Informers.RunAsync(term.Token);
        await context.Informers.WaitForSyncAsync(term.Token);
        LogStarted(logger, controllers.Count);
        Task[] running =
        [
            informers,
            .. context.Recorders.Select(recorder => recorder.RunAsync(term.Token)),
            .. controllers.Select(controller => controller.RunAsync(term.Token)),
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} controllers started")]
    private static partial void LogStarted(ILogger logger, int count);
}
