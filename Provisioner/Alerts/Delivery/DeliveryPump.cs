using Flotilla.Provisioner.Alerts.Channels;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Alerts.Delivery;

/// <summary>
/// Empties the outbox. A delivery is claimed by moving its next attempt away before it is sent: a sender that dies leaves it to
/// the next one, so a message may come twice (its id tells) but is never lost. Any provisioner may send it.
/// </summary>
internal sealed partial class DeliveryPump(
    DeliverySender sender, FleetEvents events, IDbContextFactory<FleetDbContext> contexts, TimeProvider clock, ILogger<DeliveryPump> log)
    : BackgroundService
{
    private const int BatchSize = 16;

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(2);

    /// <summary>Longer than an attempt can take.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim wake = new(1, 1);

    public override void Dispose()
    {
        wake.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(ListenAsync(stoppingToken), PumpAsync(stoppingToken));

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await foreach (var change in events.SubscribeAsync(cancellationToken))
        {
            if (change.Entity == FleetEntity.AlertDelivery && wake.CurrentCount == 0) { wake.Release(); }
        }
    }

    private async Task PumpAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                while (await DeliverDueAsync(cancellationToken) == BatchSize) { }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(exception.Message);
            }
            await wake.WaitAsync(PollInterval, cancellationToken);
        }
    }

    /// <returns>How many were due.</returns>
    internal async Task<int> DeliverDueAsync(CancellationToken cancellationToken)
    {
        var due = await ClaimDueAsync(cancellationToken);
        await Parallel.ForEachAsync(due, cancellationToken, async (delivery, token) => await DeliverAsync(delivery, token));
        return due.Count;
    }

    private async Task<List<AlertDelivery>> ClaimDueAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var due = await context.AlertDeliveries
            .FromSql($"SELECT * FROM alert_deliveries WHERE state = 'Pending' AND next_attempt_at <= {now} ORDER BY next_attempt_at LIMIT {BatchSize} FOR UPDATE SKIP LOCKED")
            .ToListAsync(cancellationToken);
        var ids = due.ConvertAll(delivery => delivery.Id);
        await context.AlertDeliveries.Where(delivery => ids.Contains(delivery.Id)).ExecuteUpdateAsync(
            set => set.SetProperty(delivery => delivery.NextAttemptAt, now + Claim).SetProperty(delivery => delivery.Attempts, delivery => delivery.Attempts + 1),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return due;
    }

    private async Task DeliverAsync(AlertDelivery claimed, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var delivery = await context.AlertDeliveries.Include(d => d.Alert).Include(d => d.Channel)
            .SingleOrDefaultAsync(d => d.Id == claimed.Id, cancellationToken);
        if (delivery is not { Alert: { } alert, Channel: { } channel }) { return; }
        var outcome = await sender.SendAsync(channel, await MessageAsync(context, alert, cancellationToken), cancellationToken);
        outcome.Apply(delivery, clock.GetUtcNow());
        await context.SaveChangesAsync(cancellationToken);
        if (!outcome.Succeeded) { LogNotDelivered(channel.DisplayUrl, delivery.Attempts, outcome.Error!); }
    }

    private static async Task<AlertMessage> MessageAsync(FleetDbContext context, Alert alert, CancellationToken cancellationToken)
    {
        var project = await context.Projects.Where(p => p.Id == alert.ProjectId).Select(p => p.Name).SingleAsync(cancellationToken);
        var cluster = await context.Clusters.Where(c => c.Id == alert.ClusterId).Select(c => c.Name).SingleOrDefaultAsync(cancellationToken);
        return new(alert, project, cluster);
    }

    [LoggerMessage(LogLevel.Warning, "Deliveries could not be read: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "An alert did not reach {Receiver} at attempt {Attempt}: {Reason}")]
    private partial void LogNotDelivered(string receiver, int attempt, string reason);
}
