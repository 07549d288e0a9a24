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
            return LeadAloneAsync(client, options, clock, loggers, cancellationToken);
        }
        var election = new LeaderElectionOptions { LeaseName = LeaseName, Identity = options.Identity };
        var elector = new LeaderElector(client, election, clock, loggers.CreateLogger<LeaderElector>());
        return elector.RunAsync(leading => LeadAsync(client, options, clock, loggers, leading), cancellationToken);
    }

    /// <summary>Term after term: one that fails, because the API server went away at its start, say, is followed by another.</summary>
    private static async Task LeadAloneAsync(
        ApiClient client, ControllerManagerOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(typeof(ControllerManager));
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await LeadAsync(client, options, clock, loggers, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(logger, exception);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    /// <summary>Everything is made anew for each term: what an earlier term knew may be out of date.</summary>
    private static async Task LeadAsync(
        ApiClient client, ControllerManagerOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(typeof(ControllerManager));
        using var context = new ControllerContext(client, options, clock, loggers);
        var controllers = ControllerList.Create(context);
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var informers = context.Informers.RunAsync(term.Token);
        await context.Informers.WaitForSyncAsync(term.Token);
        IController[] served = [.. controllers.Where(controller => controller.IsServed)];
        foreach (var controller in controllers.Except(served))
        {
            LogLeftOut(logger, controller.Name);
        }
        LogStarted(logger, served.Length);
        Task[] running =
        [
            informers,
            .. context.Recorders.Select(recorder => recorder.RunAsync(term.Token)),
            .. served.Select(controller => controller.RunAsync(term.Token)),
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Controller} is left out: the server does not serve what it is for")]
    private static partial void LogLeftOut(ILogger logger, string controller);

    [LoggerMessage(Level = LogLevel.Error, Message = "The controllers stopped and are started again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
