using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Network.Cni;
using Flotilla.NodeAgent.Network.Commands;
using Flotilla.NodeAgent.Network.Services;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Network;

/// <summary>Once the node has a pod range: forwarding, masquerade of what leaves the cluster, and the CNI configuration.</summary>
internal sealed partial class PodNetwork(
    InformerFactory informers, ICommandRunner commands, NodeNetworkOptions options, TimeProvider clock, ILogger<PodNetwork> logger)
{
    private const string ForwardingSwitch = "/proc/sys/net/ipv4/ip_forward";
    private const string BridgeFilterSwitch = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private string? applied;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var changed = new ChangedKeys();
        informers.Get(Kinds.Nodes).AddHandler(change => NoteOwn(change, changed));
        while (!cancellationToken.IsCancellationRequested)
        {
            await changed.TakeAsync(cancellationToken);
            while (RangeOf() is { } range && range != applied && !await TryApplyAsync(range, cancellationToken))
            {
                await Task.Delay(RetryAfter, clock, cancellationToken);
            }
        }
    }

    private void NoteOwn(InformerChange<Node> change, ChangedKeys changed)
    {
        if (change.Key.Name == options.NodeName) { changed.Add(change.Key); }
    }

    private string? RangeOf() => informers.Get(Kinds.Nodes).Find(null, options.NodeName)?.Spec?.PodCIDR is { Length: > 0 } range ? range : null;

    private async Task<bool> TryApplyAsync(string range, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(ForwardingSwitch, "1", cancellationToken);
            var bridgeFilter = File.Exists(BridgeFilterSwitch);
            if (bridgeFilter) { await File.WriteAllTextAsync(BridgeFilterSwitch, "1", cancellationToken); }
            // What is no pod goes nowhere; without this it would leave the cluster, for whoever has such an address outside.
            await commands.RunAsync("ip", ["route", "replace", "unreachable", options.ClusterCidr, "metric", "4096"], null, cancellationToken);
            await commands.RunAsync("nft", ["-f", "-"], PodMasquerade.Script(range, options.ClusterCidr), cancellationToken);
            await CniConfiguration.WriteAsync(options.CniConfDirectory, CniConfiguration.For(range, options.CniDataDirectory, bridgeFilter), cancellationToken);
            applied = range;
            LogReady(logger, range);
            return true;
        }
        catch (Exception exception) when (exception is CommandFailedException or IOException or UnauthorizedAccessException)
        {
            LogFailed(logger, range, exception.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Pods of this node get addresses out of {Range}")]
    private static partial void LogReady(ILogger logger, string range);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pod network {Range} could not be set up: {Reason}")]
    private static partial void LogFailed(ILogger logger, string range, string reason);
}
