using System.Net;
using System.Threading.Channels;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Server.Tunnels;

/// <summary>
/// Tunnels to every API server of the cluster: to the kubeconfig's, and to the endpoints of the <c>kubernetes</c> Service as they come
/// and go. Each server reaches the kubelet by those that lead to itself alone.
/// </summary>
public sealed class MasterTunnels
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    private readonly Dictionary<Uri, (CancellationTokenSource Stop, Task Running)> tunnels = [];
    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Informer<EndpointSlice> slices;
    private readonly Func<Kubeconfig> kubeconfig;
    private readonly string nodeName;
    private readonly IPEndPoint kubelet;
    private readonly TimeProvider clock;
    private readonly ILogger logger;

    public MasterTunnels(Func<Kubeconfig> kubeconfig, InformerFactory informers, string nodeName, IPEndPoint kubelet, TimeProvider clock, ILogger logger)
    {
        (this.kubeconfig, this.nodeName, this.kubelet, this.clock, this.logger) = (kubeconfig, nodeName, kubelet, clock, logger);
        slices = informers.Get(Kinds.EndpointSlices);
        slices.AddHandler(change => { if (IsMasters(change.New ?? change.Old!)) { changed.Writer.TryWrite(true); } });
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                await FollowAsync(Wanted(kubeconfig().Server, slices.List().Where(IsMasters)), cancellationToken);
            }
            while (await changed.Reader.ReadAsync(cancellationToken));
        }
        finally
        {
            await FollowAsync([], CancellationToken.None);
        }
    }

    internal static HashSet<Uri> Wanted(Uri configured, IEnumerable<EndpointSlice> masters) =>
    [
        configured,
        .. from slice in masters
           from port in slice.Ports ?? []
           from endpoint in slice.Endpoints ?? []
           where endpoint.Conditions?.Ready != false
           from address in endpoint.Addresses ?? []
           select new UriBuilder("https", address, port.Port ?? configured.Port).Uri,
    ];

    private static bool IsMasters(EndpointSlice slice) =>
        slice.Metadata.Namespace == "default" && slice.Metadata.Labels?.GetValueOrDefault(ServiceNameLabel) == "kubernetes";

    private async Task FollowAsync(HashSet<Uri> wanted, CancellationToken cancellationToken)
    {
        foreach (var gone in tunnels.Keys.Where(server => !wanted.Contains(server)).ToList())
        {
            tunnels.Remove(gone, out var tunnel);
            await tunnel.Stop.CancelAsync();
            await tunnel.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            tunnel.Stop.Dispose();
        }

        foreach (var server in wanted.Where(server => !tunnels.ContainsKey(server)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var tunnel = new OutboundTunnel(() => kubeconfig() with { Server = server }, nodeName, kubelet, clock, logger);
            tunnels[server] = (stop, tunnel.RunAsync(stop.Token));
        }
    }
}
