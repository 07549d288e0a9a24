using Flotilla.Portal.Contracts;
using Flotilla.Provisioner.Fleet;
using Flotilla.Provisioner.Fleet.Alerts;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Portal.Web.Views;

internal sealed class AlertChannelViews(IDbContextFactory<FleetDbContext> contexts)
{
    private const int NewestShown = 50;

    public async Task<IReadOnlyList<AlertChannelView>> ListAsync(Actor actor, string? project, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.AlertChannels.AsNoTracking()
            .Join(context.ProjectsOf(actor), channel => channel.ProjectId, owner => owner.Id, (channel, owner) => new { Channel = channel, owner.Name })
            .Where(row => project == null || row.Name == project)
            .OrderBy(row => row.Name).ThenBy(row => row.Channel.Name)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => View(row.Channel, row.Name))];
    }

    /// <summary>A channel's deliveries, newest first; null when the actor may not see the channel.</summary>
    public async Task<IReadOnlyList<DeliveryView>?> DeliveriesAsync(Actor actor, Guid channelId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var visible = await context.AlertChannels
            .AnyAsync(channel => channel.Id == channelId && context.ProjectsOf(actor).Any(owner => owner.Id == channel.ProjectId), cancellationToken);
        if (!visible) { return null; }
        var deliveries = await context.AlertDeliveries.AsNoTracking()
            .Include(delivery => delivery.Alert)
            .Where(delivery => delivery.ChannelId == channelId)
            .OrderByDescending(delivery => delivery.CreatedAt)
            .Take(NewestShown)
            .ToListAsync(cancellationToken);
        return [.. deliveries.Select(View)];
    }

    public static AlertChannelView View(AlertChannel channel, string project) =>
        new(channel.Id, channel.Name, project, ApiWord.Of(channel.Kind), channel.DisplayUrl, channel.Enabled, channel.CreatedAt);

    private static DeliveryView View(AlertDelivery delivery) => new(
        delivery.Id,
        delivery.Alert!.Rule,
        delivery.Alert.Title,
        ApiWord.Of(delivery.State),
        delivery.Attempts,
        delivery.ResponseStatus,
        delivery.LastError,
        delivery.CreatedAt,
        delivery.State is DeliveryState.Pending ? delivery.NextAttemptAt : null,
        delivery.DeliveredAt);
}
