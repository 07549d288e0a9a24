using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Flotilla.Provisioner.Fleet.Events;

/// <summary>
/// Changes of the fleet, live, to any number of subscribers over one LISTEN connection. NOTIFY is part of the transaction that
/// made the change, so an event is never seen before its data, nor for a change that was rolled back. What a subscriber may
/// have missed (connection lost, too slow) is told as <see cref="FleetEvent.Everything"/>.
/// </summary>
public sealed partial class FleetEvents(NpgsqlDataSource database, TimeProvider clock, ILogger<FleetEvents> log) : BackgroundService
{
    public const string Channel = "flotilla_fleet";

    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly List<Subscription> subscriptions = [];

    /// <summary>Starts with <see cref="FleetEvent.Everything"/>, so that "read, then follow" has no gap.</summary>
    public async IAsyncEnumerable<FleetEvent> SubscribeAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var subscription = new Subscription();
        lock (gate) { subscriptions.Add(subscription); }
        try
        {
            yield return FleetEvent.Everything;
            while (await subscription.Events.Reader.WaitToReadAsync(cancellationToken))
            {
                if (subscription.TakeLagged()) { yield return FleetEvent.Everything; }
                while (subscription.Events.Reader.TryRead(out var change)) { yield return change; }
            }
        }
        finally
        {
            lock (gate) { subscriptions.Remove(subscription); }
        }
    }

    internal static async Task PublishAsync(
        FleetDbContext context, IReadOnlyCollection<FleetEvent> changes, CancellationToken cancellationToken)
    {
        var payloads = changes.Select(change => change.ToString()).ToArray();
        await context.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, payload) FROM unnest({payloads}) AS payload", cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or IOException or TimeoutException)
            {
                ConnectionLost(exception.Message);
                await Task.Delay(ReconnectDelay, clock, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, notification) => Tell(FleetEvent.Parse(notification.Payload));
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }
        Tell(FleetEvent.Everything);
        while (true) { await connection.WaitAsync(cancellationToken); }
    }

    private void Tell(FleetEvent? change)
    {
        if (change is null) { return; }
        lock (gate)
        {
            foreach (var subscription in subscriptions) { subscription.Add(change); }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the connection that listens for fleet changes: {Reason}")]
    private partial void ConnectionLost(string reason);

    private sealed class Subscription
    {
        private int lagged;

        public Channel<FleetEvent> Events { get; } = System.Threading.Channels.Channel.CreateBounded<FleetEvent>(
            new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

        public void Add(FleetEvent change)
        {
            if (!Events.Writer.TryWrite(change)) { Interlocked.Exchange(ref lagged, 1); }
        }

        public bool TakeLagged() => Interlocked.Exchange(ref lagged, 0) == 1;
    }
}
