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
        using var context = new ControllerContext(client, options, clock, loggers);
        await new ControllerTerm(context, ControllerList.Of(context)).RunAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The controllers stopped and are started again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
