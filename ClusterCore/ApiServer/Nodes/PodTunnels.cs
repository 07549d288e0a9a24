using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>Connections to ports of pods through the port-forward of their nodes' kubelets, which works wherever a kubelet can be dialed.</summary>
internal sealed class PodTunnels(ObjectStore objects, KubeletDialer dialer, X509Certificate2 clientCertificate) : IDisposable
{
    private readonly HttpMessageInvoker invoker = new(new SocketsHttpHandler
    {
        SslOptions = KubeletTls.Options("", clientCertificate),
        ConnectCallback = (context, cancellationToken) => dialer.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken),
        UseProxy = false,
    });

    /// <exception cref="IOException">The kubelet cannot be reached, or refuses.</exception>
    public async ValueTask<Stream> OpenAsync(JsonObject pod, int port, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(PodTunnel.Protocol);
        try
        {
            var kubelet = await KubeletAddress.OfNodeAsync(objects, ObjectMeta.Text(pod.Spec(), "nodeName"), cancellationToken);
            var address = new Uri($"wss://{dialer.Authority(kubelet)}/portForward/{pod.Namespace()}/{pod.Name()}?port={port}");
            await socket.ConnectAsync(address, invoker, cancellationToken);
            return new PodTunnel(socket);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            throw exception is WebSocketException or HttpRequestException or StatusException
                ? new IOException($"error dialing backend: {exception.Message}", exception)
                : exception;
        }
    }

    public void Dispose() => invoker.Dispose();
}
