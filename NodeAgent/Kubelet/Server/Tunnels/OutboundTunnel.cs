using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.NodeAgent.Kubelet.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Server.Tunnels;

/// <summary>
/// Lets the API server reach a kubelet that it cannot dial. The node dials, and lends the connection: the server sends one byte when
/// it has something to say, the node sends it back, and from then on the connection leads to the kubelet's own port.
/// </summary>
internal sealed partial class OutboundTunnel(Func<Kubeconfig> kubeconfig, string nodeName, IPEndPoint kubelet, TimeProvider clock, ILogger logger)
{
    private const string Protocol = "flotilla-tunnel/1";

    /// <summary>How many wait at a time, so that a burst of requests does not wait for handshakes.</summary>
    private const int Waiting = 3;
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, Waiting).Select(_ => LendAsync(cancellationToken)));

    private async Task LendAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                var stream = await OpenAsync(kubeconfig(), cancellationToken);
                backoff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
                var hello = new byte[1];
                if (await stream.ReadAsync(hello, cancellationToken) == 1)
                {
                    // Carried beside: the next connection is lent at once.
                    _ = CarryAsync(stream, hello, cancellationToken);
                    continue;
                }

                await stream.DisposeAsync();
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException || IsLate(exception, cancellationToken))
            {
                LogFailed(logger, kubeconfig().Server, exception.Message);
            }

            await Task.Delay(backoff.Next(), clock, cancellationToken);
        }
    }

    private static bool IsLate(Exception exception, CancellationToken cancellationToken) => exception is OperationCanceledException && !cancellationToken.IsCancellationRequested;

    private async Task CarryAsync(Stream stream, byte[] hello, CancellationToken cancellationToken)
    {
        try
        {
            await using var far = stream;
            await far.WriteAsync(hello, cancellationToken);
            using var socket = new TcpClient { NoDelay = true };
            await socket.ConnectAsync(kubelet, cancellationToken);
            await UpgradedConnection.BothWaysAsync(far, socket.GetStream(), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            LogFailed(logger, kubeconfig().Server, exception.Message);
        }
    }

    private async Task<Stream> OpenAsync(Kubeconfig access, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectPatience);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(access.Server.Host, access.Server.Port, limit.Token);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var tls = ApiConnection.Tls(access);
            tls.ApplicationProtocols = [SslApplicationProtocol.Http11];
            await stream.AuthenticateAsClientAsync(tls, limit.Token);
            await UpgradeAsync(stream, access, limit.Token);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task UpgradeAsync(SslStream stream, Kubeconfig access, CancellationToken cancellationToken)
    {
        var token = access.Token is null ? "" : $"Authorization: Bearer {access.Token}\r\n";
        var head = $"GET /flotilla/v1/nodes/{nodeName}/tunnel HTTP/1.1\r\nHost: {access.Server.Authority}\r\nConnection: Upgrade\r\nUpgrade: {Protocol}\r\n{token}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        // Byte by byte: what follows the head is not this method's to read.
        var answer = new StringBuilder();
        var next = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(next, cancellationToken) == 0)
            {
                throw new IOException("the API server closed the connection");
            }

            answer.Append((char)next[0]);
        }

        if (!answer.ToString().StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            throw new IOException($"the API server takes no tunnel: {answer.ToString().Split("\r\n")[0]}");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tunnel to {Server} is interrupted: {Reason}")]
    private static partial void LogFailed(ILogger logger, Uri server, string reason);
}
