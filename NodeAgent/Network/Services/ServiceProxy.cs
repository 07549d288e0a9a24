using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.NodeAgent.Network.Commands;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>Keeps the node's nftables in step with Services and EndpointSlices: changed Services in one transaction, everything after a failure.</summary>
internal sealed partial class ServiceProxy
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly Informer<Service> services;
    private readonly Informer<EndpointSlice> slices;
    private readonly ICommandRunner commands;
    private readonly ProxyNode node;
    private readonly ProxyTable table;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly ChangedKeys changed = new();

    public ServiceProxy(InformerFactory informers, ICommandRunner commands, ProxyNode node, TimeProvider clock, ILogger logger)
    {
        (this.commands, this.node, this.clock, this.logger) = (commands, node, clock, logger);
        table = new(node);
        services = informers.Get(Kinds.Services);
        slices = informers.Get(Kinds.EndpointSlices).IndexByLabel(ServiceNameLabel);
        services.AddHandler(change => changed.Add(change.Key));
        slices.AddHandler(change => Note(change.Old, change.New));
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(services.WaitForSyncAsync(cancellationToken), slices.WaitForSyncAsync(cancellationToken));
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), LongestRetry);
        var rebuild = true;
        while (!cancellationToken.IsCancellationRequested)
        {
            var keys = rebuild ? changed.TakeNow() : await changed.TakeAsync(cancellationToken);
            try
            {
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

    /// <summary>Removes the table.</summary>
    public static Task CleanAsync(ICommandRunner commands, CancellationToken cancellationToken) =>
        commands.RunAsync("nft", ["-f", "-"], $"add table ip {ProxyTable.Name}\ndelete table ip {ProxyTable.Name}\n", cancellationToken);

    private async Task SyncAsync(IReadOnlyCollection<NamespacedName> keys, bool rebuild, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var script = rebuild
            ? table.Rebuild(services.List().ToDictionary(service => service.Key.ToString(), service => Compile(service.Key), StringComparer.Ordinal))
            : table.Update(keys.ToDictionary(key => key.ToString(), Compile, StringComparer.Ordinal));
        if (script.Length == 0) { return; }
        await commands.RunAsync("nft", ["-f", "-"], script, cancellationToken);
        var took = clock.GetElapsedTime(started);
        LogSynced(logger, keys.Count, took);
    }

    private ServiceRules Compile(NamespacedName key) =>
        RuleCompiler.Compile(
            services.Find(key),
            [.. slices.WithLabel(ServiceNameLabel, key.Name).Where(slice => slice.Metadata.Namespace == key.Namespace)],
            node);

    private void Note(EndpointSlice? old, EndpointSlice? now)
    {
        foreach (var slice in (EndpointSlice?[])[old, now])
        {
            if (slice?.Metadata.Labels?.TryGetValue(ServiceNameLabel, out var name) == true) { changed.Add(new(slice.Metadata.Namespace, name)); }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "nftables refused the rules of the services: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Rules of {Count} changed services written in {Took}")]
    private static partial void LogSynced(ILogger logger, int count, TimeSpan took);
}
