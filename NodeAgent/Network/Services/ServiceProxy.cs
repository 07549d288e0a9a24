using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.NodeAgent.Network.Commands;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// Keeps the node's nftables in step with Services and EndpointSlices: changed Services in one transaction; everything after a failure,
/// after the node moved to another zone, and when somebody else removed the table.
/// </summary>
internal sealed partial class ServiceProxy : IDisposable
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);

    private readonly Informer<Service> services;
    private readonly Informer<EndpointSlice> slices;
    private readonly Informer<Node> nodes;
    private readonly Nftables nftables;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly ChangedKeys changed = new();
    private readonly ConnectionTracking connections;
    private readonly ServiceHealthServer health;
    private readonly Dictionary<string, ServiceHealth> healthChecks = new(StringComparer.Ordinal);
    private ProxyNode node;
    private ProxyTable table;

    public ServiceProxy(InformerFactory informers, Nftables nftables, ICommandRunner commands, ProxyNode node, TimeProvider clock, ILogger logger)
    {
        (this.nftables, this.node, this.clock, this.logger) = (nftables, node, clock, logger);
        (table, connections, health) = (new(node), new(commands), new(logger));
        services = informers.Get(Kinds.Services);
        slices = informers.Get(Kinds.EndpointSlices).IndexByLabel(ServiceNameLabel);
        nodes = informers.Get(Kinds.Nodes);
        services.AddHandler(change => changed.Add(change.Key));
        slices.AddHandler(change => Note(change.Old, change.New));
        nodes.AddHandler(change => NoteZone(change.New));
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(SyncAllAsync(cancellationToken), health.RunAsync(cancellationToken));

    public void Dispose() => health.Dispose();

    private async Task SyncAllAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(services.WaitForSyncAsync(cancellationToken), slices.WaitForSyncAsync(cancellationToken), nodes.WaitForSyncAsync(cancellationToken));
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), LongestRetry);
        var rebuild = true;
        while (!cancellationToken.IsCancellationRequested)
        {
            var keys = rebuild ? changed.TakeNow() : await changed.TakeAsync(LookInterval, clock, cancellationToken);
            try
            {
                rebuild = rebuild || MovedZone() || (keys.Count == 0 && !await IsTableThereAsync(cancellationToken));
                await SyncAsync(keys, rebuild, cancellationToken);
                rebuild = false;
                backoff.Reset();
            }
            catch (CommandFailedException exception)
            {
                // The kernel took nothing of the script; what the table believes to be there may not be.
                LogFailed(logger, exception.Message);
                rebuild = true;
                await Task.Delay(backoff.Next(), clock, cancellationToken);
            }
        }
    }

    private async Task SyncAsync(IReadOnlyCollection<NamespacedName> keys, bool rebuild, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var touched = rebuild ? services.List().Select(service => service.Key).Union(keys) : keys;
        var rules = touched.ToDictionary(key => key.ToString(), Compile, StringComparer.Ordinal);
        var script = rebuild ? table.Rebuild(rules) : table.Update(rules);
        if (script.Length > 0) { await nftables.RunAsync(script, cancellationToken); }
        await connections.UpdateAsync(rules, cancellationToken);
        UpdateHealth(rules);
        var took = clock.GetElapsedTime(started);
        LogSynced(logger, rules.Count, took);
    }

    private ServiceRules Compile(NamespacedName key) =>
        RuleCompiler.Compile(
            services.Find(key),
            [.. slices.WithLabel(ServiceNameLabel, key.Name).Where(slice => slice.Metadata.Namespace == key.Namespace)],
            node);

    private void UpdateHealth(Dictionary<string, ServiceRules> rules)
    {
        var touched = false;
        foreach (var (key, now) in rules)
        {
            touched |= now.Health is null ? healthChecks.Remove(key) : now.Health != healthChecks.GetValueOrDefault(key);
            if (now.Health is not null) { healthChecks[key] = now.Health; }
        }
        if (touched) { health.Update(healthChecks.Values); }
    }

    /// <summary>Somebody else may have flushed all rules of the node: what hooks in last stands for the whole.</summary>
    private async Task<bool> IsTableThereAsync(CancellationToken cancellationToken)
    {
        var chains = await nftables.RunAsync("list chains ip", cancellationToken);
        return chains.Contains($"table ip {ProxyTable.Name} ", StringComparison.Ordinal) && chains.Contains("chain filter-output", StringComparison.Ordinal);
    }

    private bool MovedZone()
    {
        var zone = ZoneOf(nodes.Find(null, node.Name));
        if (zone == node.Zone) { return false; }
        node = node with { Zone = zone };
        table = new(node);
        return true;
    }

    private void NoteZone(Node? changedNode)
    {
        if (changedNode?.Metadata.Name == node.Name && ZoneOf(changedNode) != node.Zone) { changed.Add(changedNode.Key); }
    }

    private void Note(EndpointSlice? old, EndpointSlice? now)
    {
        foreach (var slice in (EndpointSlice?[])[old, now])
        {
            if (slice?.Metadata.Labels?.TryGetValue(ServiceNameLabel, out var name) == true) { changed.Add(new(slice.Metadata.Namespace, name)); }
        }
    }

    private static string? ZoneOf(Node? one) => one?.Metadata.Labels?.GetValueOrDefault(ZoneLabel);

    [LoggerMessage(Level = LogLevel.Warning, Message = "nftables refused the rules of the services: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rules of {Count} changed services written in {Took}")]
    private static partial void LogSynced(ILogger logger, int count, TimeSpan took);
}
