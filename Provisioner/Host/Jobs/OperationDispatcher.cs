using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Host.Pool;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;

namespace Flotilla.Provisioner.Host.Jobs;

/// <summary>
/// Gives every unfinished operation of this machine its job: at once when one is written, and at the start those that were left.
/// </summary>
internal sealed partial class OperationDispatcher(
    MachineIdentity machine, ISchedulerFactory schedulers, FleetEvents events, IDbContextFactory<FleetDbContext> contexts,
    ILogger<OperationDispatcher> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var scheduler = await schedulers.GetScheduler(stoppingToken);
        await foreach (var change in events.SubscribeAsync(stoppingToken))
        {
            if (change.Entity is not (FleetEntity.Everything or FleetEntity.Operation)) { continue; }
            try
            {
                await DispatchAsync(scheduler, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Losing the database loses the listening connection too; its return is announced, and then this runs again.
                LogFailed(exception);
            }
        }
    }

    private async Task DispatchAsync(IScheduler scheduler, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var unfinished = await context.Operations
            .Where(o => o.MachineId == machine.Id && (o.State == OperationState.Pending || o.State == OperationState.Running))
            .OrderBy(o => o.CreatedAt)
            .Select(o => o.Id)
            .ToListAsync(cancellationToken);
        await InterruptCancelledAsync(scheduler, unfinished, cancellationToken);
        foreach (var operation in unfinished)
        {
            if (await scheduler.Exists(OperationJob.KeyOf(operation), cancellationToken)) { continue; }
            await scheduler.ScheduleJob(Job(operation), Trigger(operation), ScheduleJobOptions.Replacing, cancellationToken);
        }
    }

    /// <summary>A job whose operation is not under way any more has nothing to wait for.</summary>
    private static async Task InterruptCancelledAsync(IScheduler scheduler, List<Guid> unfinished, CancellationToken cancellationToken)
    {
        var wanted = unfinished.Select(OperationJob.KeyOf).ToHashSet();
        foreach (var firing in (await scheduler.QueryFireInstances(new(), cancellationToken)).Items)
        {
            if (firing.JobKey is { Group: OperationJob.Group } key && !wanted.Contains(key)) { await scheduler.Interrupt(key, cancellationToken); }
        }
    }

    private static IJobDetail Job(Guid operation) =>
        JobBuilder.Create<OperationJob>().WithIdentity(OperationJob.KeyOf(operation)).RequestRecovery(true).Build();

    private static ITrigger Trigger(Guid operation) =>
        TriggerBuilder.Create().WithIdentity(operation.ToString(), OperationJob.Group).StartNow().Build();

    [LoggerMessage(LogLevel.Error, "Operations could not be given to the scheduler")]
    private partial void LogFailed(Exception exception);
}
