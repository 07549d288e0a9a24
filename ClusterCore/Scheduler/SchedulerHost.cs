using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Election;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>The scheduler as a client of an API server: ours or a real one.</summary>
public static class SchedulerHost
{
    /// <summary>Schedules while it leads, until cancelled.</summary>
    public static async Task RunAsync(
        ApiClient client, SchedulerOptions options, TimeProvider clock, CancellationToken cancellationToken, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Scheduler");
        if (!options.LeaderElection)
        {
            await LeadAsync(cancellationToken);
            return;
        }
        var election = options.Configuration.LeaderElection;
        var lease = new LeaderElectionOptions
        {
            LeaseName = election.ResourceName,
            LeaseNamespace = election.ResourceNamespace,
            Identity = options.Identity,
            LeaseDuration = election.LeaseDuration,
            RenewDeadline = election.RenewDeadline,
            RetryPeriod = election.RetryPeriod,
        };
        await new LeaderElector(client, lease, clock, logger).RunAsync(LeadAsync, cancellationToken);

        // What a leader knows dies with its term: a new term starts from a fresh list.
        Task LeadAsync(CancellationToken term) => new SchedulerTerm(client, options, clock, logger, loggers).RunAsync(term);
    }
}
