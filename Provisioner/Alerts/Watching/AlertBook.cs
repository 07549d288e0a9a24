using Flotilla.Provisioner.Alerts.Rules;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Flotilla.Provisioner.Alerts.Watching;

/// <summary>Writes news down once, together with its deliveries: what is written will be told, whatever dies in between.</summary>
public sealed class AlertBook(IDbContextFactory<FleetDbContext> contexts, TimeProvider clock)
{
    private static readonly TimeSpan NewCluster = TimeSpan.FromMinutes(10);

    /// <returns>False when it had been told already.</returns>
    public async Task<bool> RaiseAsync(Cluster cluster, ClusterNews news, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Alerts.AnyAsync(alert => alert.ClusterId == cluster.Id && alert.Key == news.Key, cancellationToken)) { return false; }
        var now = clock.GetUtcNow();
        var alert = new Alert
        {
            ClusterId = cluster.Id,
            ProjectId = cluster.ProjectId,
            Rule = news.Rule,
            Key = news.Key,
            Severity = news.Severity,
            Title = news.Title,
            Text = news.Text,
            ObjectKind = news.Kind,
            ObjectNamespace = news.Namespace,
            ObjectName = news.Name,
            OccurredAt = now,
        };
        context.Alerts.Add(alert);
        var channels = await context.AlertChannels
            .Where(channel => channel.ProjectId == cluster.ProjectId && channel.Enabled)
            .Select(channel => channel.Id)
            .ToListAsync(cancellationToken);
        context.AlertDeliveries.AddRange(channels.Select(channel => new AlertDelivery
        {
            AlertId = alert.Id,
            ChannelId = channel,
            CreatedAt = now,
            NextAttemptAt = now,
        }));
        try
        {
            await context.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return false; // another watcher was a moment faster
        }
    }

    /// <summary>From when on the cluster is watched: from its creation, or from now when it was there long before.</summary>
    public async Task<DateTimeOffset> WatchedSinceAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.AlertWatches.FindAsync([cluster.Id], cancellationToken) is { } known) { return known.StartedAt; }
        var now = clock.GetUtcNow();
        var since = now - cluster.CreatedAt < NewCluster ? cluster.CreatedAt : now;
        context.AlertWatches.Add(new() { ClusterId = cluster.Id, StartedAt = since });
        await context.SaveChangesAsync(cancellationToken);
        return since;
    }
}
