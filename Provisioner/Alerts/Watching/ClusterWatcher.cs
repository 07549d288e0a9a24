using System.Threading.Channels;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.Provisioner.Alerts.Rules;
using Flotilla.Provisioner.Fleet.Clusters;
using Microsoft.Extensions.Logging;

namespace Flotilla.Provisioner.Alerts.Watching;

/// <summary>
/// Follows one cluster's deployments, pods and nodes and evaluates the rules on what changed, and on all of it now and then,
/// for rules that are about time.
/// </summary>
internal sealed partial class ClusterWatcher(Cluster cluster, ApiClient client, AlertBook book, TimeProvider clock, ILogger log)
{
    private const int MaxRemembered = 10_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(15);

    /// <summary>Changes come in bursts; one look serves them all.</summary>
    private static readonly TimeSpan BurstDelay = TimeSpan.FromMilliseconds(200);

    private readonly Informer<Deployment> deployments = new(client, Kinds.Deployments, clock: clock, logger: log);
    private readonly Informer<Pod> pods = new(client, Kinds.Pods, clock: clock, logger: log);
    private readonly Informer<Node> nodes = new(client, Kinds.Nodes, clock: clock, logger: log);

    // One is enough: a change while another is being looked at makes one more look.
    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var since = await book.WatchedSinceAsync(cluster, cancellationToken);
        deployments.AddHandler(_ => changes.Writer.TryWrite(true));
        pods.AddHandler(_ => changes.Writer.TryWrite(true));
        nodes.AddHandler(_ => changes.Writer.TryWrite(true));
        await Task.WhenAll(
            deployments.RunAsync(cancellationToken),
            pods.RunAsync(cancellationToken),
            nodes.RunAsync(cancellationToken),
            SweepAsync(cancellationToken),
            EvaluateAsync(since, cancellationToken));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken)) { changes.Writer.TryWrite(true); }
    }

    private async Task EvaluateAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        while (await changes.Reader.ReadAsync(cancellationToken))
        {
            await Task.Delay(BurstDelay, clock, cancellationToken);
            foreach (var news in Evaluate(since, clock.GetUtcNow()))
            {
                if (told.Contains(news.Key)) { continue; }
                try
                {
                    if (await book.RaiseAsync(cluster, news, cancellationToken)) { LogNews(cluster.Id, news.Rule, news.Name); }
                    Remember(news.Key);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // The next sweep sees it again.
                    LogFailed(cluster.Id, news.Rule, exception.Message);
                }
            }
        }
    }

    private IEnumerable<ClusterNews> Evaluate(DateTimeOffset since, DateTimeOffset now) =>
    [
        .. deployments.List().SelectMany(deployment => DeploymentRules.Evaluate(deployment, since)),
        .. pods.List().SelectMany(pod => PodRules.Evaluate(pod, now)),
        .. nodes.List().SelectMany(node => NodeRules.Evaluate(node, now)),
    ];

    // Only spares the database a question; what is forgotten is asked again.
    private void Remember(string key)
    {
        if (told.Count >= MaxRemembered) { told.Clear(); }
        told.Add(key);
    }

    [LoggerMessage(LogLevel.Information, "Cluster {Cluster}: {Rule} {Name}")]
    private partial void LogNews(string cluster, string rule, string name);

    [LoggerMessage(LogLevel.Warning, "Cluster {Cluster}: {Rule} could not be written down: {Reason}")]
    private partial void LogFailed(string cluster, string rule, string reason);
}
