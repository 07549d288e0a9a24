using System.Net.Sockets;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>Reaches a kubelet: through a connection that its node keeps open for that, else by dialing it.</summary>
internal sealed class KubeletDialer(NodeTunnels tunnels)
{
    /// <summary>Hosts of URLs that are nodes reached by tunnel: <c>worker-1.tunnel</c>. Their addresses may be anybody's.</summary>
    private const string TunnelSuffix = ".tunnel";
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);

    /// <summary>The authority of the kubelet's URLs.</summary>
    public string Authority(KubeletAddress kubelet) => tunnels.Has(kubelet.Node) ? kubelet.Node + TunnelSuffix : kubelet.ToString();

    public ValueTask<Stream> ConnectAsync(KubeletAddress kubelet, CancellationToken cancellationToken) => tunnels.Has(kubelet.Node)
        ? ConnectAsync(kubelet.Node + TunnelSuffix, 0, cancellationToken)
        : ConnectAsync(kubelet.Host, kubelet.Port, cancellationToken);

    /// <exception cref="IOException">Nobody answers.</exception>
    public async ValueTask<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return host.EndsWith(TunnelSuffix, StringComparison.Ordinal)
                ? await tunnels.TakeAsync(host[..^TunnelSuffix.Length], limit.Token)
                : await DialAsync(host, port, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("i/o timeout", exception);
        }
    }

    private static async ValueTask<Stream> DialAsync(string host, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
