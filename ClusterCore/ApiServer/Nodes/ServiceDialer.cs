using System.Net.Sockets;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// Connects to what is behind a Service. A control plane is on no pod network and has no service proxy: pods are reached through
/// the kubelet of their node, everything else at its endpoint's address.
/// </summary>
internal sealed class ServiceDialer(WatchFeed feed, PodTunnels tunnels)
{
    private static readonly GroupResource services = new("", "services");
    private static readonly GroupResource slices = new("discovery.k8s.io", "endpointslices");
    private static readonly GroupResource pods = new("", "pods");
    private int turn;

    /// <exception cref="IOException">Nothing that is ready behind the Service can be reached.</exception>
    public async ValueTask<Stream> DialAsync(ServiceReference reference, CancellationToken cancellationToken)
    {
        var spec = feed.Of(services).Find(reference.Namespace, reference.Name)?.Parse().Spec()
            ?? throw new IOException($"service \"{reference.Name}\" not found");
        if (spec.Text("type") == "ExternalName") { return await DialAsync(spec.Text("externalName") ?? "", reference.Port, cancellationToken); }
        var port = spec.Items("ports").FirstOrDefault(port => port.Number("port") == reference.Port)
            ?? throw new IOException($"no service port {reference.Port} found for service \"{reference.Name}\"");
        var endpoints = ReadyEndpoints(reference, port.Text("name") ?? "").ToArray();
        IOException? last = null;
        // Round robin, and on to the next when one does not answer.
        var first = (uint)Interlocked.Increment(ref turn);
        for (var i = 0u; i < endpoints.Length; i++)
        {
            try
            {
                return await DialAsync(endpoints[(first + i) % endpoints.Length], cancellationToken);
            }
            catch (IOException exception)
            {
                last = exception;
            }
        }

        throw last ?? new IOException($"no endpoints available for service \"{reference.Name}\"");
    }

    /// <exception cref="IOException">The pod cannot be reached.</exception>
    public ValueTask<Stream> DialAsync(JsonObject pod, int port, CancellationToken cancellationToken) =>
        DialAsync(new Endpoint(ObjectMeta.Text(pod["status"], "podIP"), port, pod), cancellationToken);

    private IEnumerable<Endpoint> ReadyEndpoints(ServiceReference reference, string portName)
    {
        foreach (var entry in feed.Of(slices).List(reference.Namespace).Entries)
        {
            if (entry.Index.Labels.GetValueOrDefault("kubernetes.io/service-name") != reference.Name) { continue; }
            var slice = entry.Parse();
            if (slice.Items("ports").FirstOrDefault(port => (port.Text("name") ?? "") == portName)?.Number("port") is not { } port) { continue; }
            foreach (var endpoint in slice.Items("endpoints"))
            {
                if (endpoint.Object("conditions")?.Flag("ready") == false || endpoint.Texts("addresses").FirstOrDefault() is not { } address) { continue; }
                yield return new(address, (int)port, PodOf(reference.Namespace, endpoint));
            }
        }
    }

    private JsonObject? PodOf(string @namespace, JsonObject endpoint) =>
        endpoint.Object("targetRef") is { } target && target.Text("kind") == "Pod"
            ? feed.Of(pods).Find(@namespace, target.Text("name") ?? "")?.Parse()
            : null;

    private ValueTask<Stream> DialAsync(Endpoint endpoint, CancellationToken cancellationToken) =>
        endpoint.Pod is { } pod && pod.Spec()?.Flag("hostNetwork") != true && ObjectMeta.Text(pod.Spec(), "nodeName").Length > 0
            ? tunnels.OpenAsync(pod, endpoint.Port, cancellationToken)
            : DialAsync(endpoint.Address, endpoint.Port, cancellationToken);

    private static async ValueTask<Stream> DialAsync(string host, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw exception is SocketException refused ? new IOException($"dial tcp {host}:{port}: {refused.Message}", refused) : exception;
        }
    }

    private sealed record Endpoint(string Address, int Port, JsonObject? Pod);
}
