using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Host.Pool;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Host.Health;

/// <summary>Has the data of deleted clusters removed when their grace is over.</summary>
internal sealed partial class DeletionClock(
    MachineIdentity machine, ClusterCommands commands, IDbContextFactory<FleetDbContext> contexts, TimeProvider clock,
    ILogger<DeletionClock> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await PurgeDueAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task PurgeDueAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var due = await context.Clusters
            .Where(c => c.MachineId == machine.Id && c.State == ClusterState.Deleted && c.PurgedAt == null && c.PurgeAt <= now)
            .Select(c => c.Id)
            .ToListAsync(cancellationToken);
        foreach (var cluster in due) { await commands.PurgeAsync(cluster, Actor.System, cancellationToken); }
    }

    [LoggerMessage(LogLevel.Error, "Deleted clusters could not be purged; it is tried again")]
    private partial void LogFailed(Exception exception);
}
