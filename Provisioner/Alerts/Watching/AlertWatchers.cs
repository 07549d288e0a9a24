using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Alerts.Watching;

/// <summary>Keeps one watcher per cluster that runs.</summary>
internal sealed partial class AlertWatchers(
    IClusterConnections clusters, FleetEvents events, AlertBook book, TimeProvider clock, ILogger<AlertWatchers> log) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, RunningWatcher> watchers = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in events.SubscribeAsync(stoppingToken))
            {
                if (change.Entity is FleetEntity.Everything or FleetEntity.Cluster) { await TryAdjustAsync(stoppingToken); }
            }
        }
        finally
        {
            foreach (var watcher in watchers.Values) { await watcher.DisposeAsync(); }
        }
    }

    private async Task TryAdjustAsync(CancellationToken cancellationToken)
    {
        try
        {
            var running = (await clusters.ListAsync(cancellationToken)).ToDictionary(cluster => cluster.Id);
            foreach (var gone in watchers.Keys.Except(running.Keys).ToList())
            {
                await watchers[gone].DisposeAsync();
                watchers.Remove(gone);
            }
            foreach (var cluster in running.Values.Where(cluster => !watchers.ContainsKey(cluster.Id)))
            {
                watchers.Add(cluster.Id, new(token => WatchAsync(cluster, token), cancellationToken));
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogAdjustFailed(exception.Message);
        }
    }

    private async Task WatchAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var client = clusters.Connect(cluster);
                await new ClusterWatcher(cluster, client, book, clock, log).RunAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogWatchFailed(cluster.Id, exception.Message);
                await Task.Delay(RetryDelay, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The clusters to watch could not be read: {Reason}")]
    private partial void LogAdjustFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "Watching cluster {Cluster} was interrupted: {Reason}")]
    private partial void LogWatchFailed(string cluster, string reason);

    private sealed class RunningWatcher : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop;
        private readonly Task task;

        public RunningWatcher(Func<CancellationToken, Task> run, CancellationToken cancellationToken)
        {
            stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            task = Task.Run(() => run(stop.Token), CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
        }
    }
}
