using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Network.Dns.Server;

/// <summary>Answers on one address over UDP and TCP.</summary>
internal sealed partial class DnsServer(IPEndPoint address, QueryHandler handler, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int MaxQuery = 4096;
    private const int MaxWaiting = 1000;
    private const int MaxConnections = 200;
    private static readonly TimeSpan IdleConnection = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim waiting = new(MaxWaiting);
    private readonly SemaphoreSlim connections = new(MaxConnections);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        udp.ReceiveBufferSize = 1 << 20;
        udp.Bind(address);
        tcp.Bind(address);
        tcp.Listen(128);
        LogListening(logger, address);
        await Task.WhenAll(ServeUdpAsync(udp, cancellationToken), ServeTcpAsync(tcp, cancellationToken));
    }

    public void Dispose()
    {
        waiting.Dispose();
        connections.Dispose();
    }

    private async Task ServeUdpAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxQuery];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (!cancellationToken.IsCancellationRequested)
        {
            var length = await ReceiveAsync(socket, buffer, from, cancellationToken);
            if (length == 0) { continue; }
            if (handler.TryAnswer(buffer.AsSpan(0, length), udp: true, out var answer)) { await SendAsync(socket, answer, from, cancellationToken); }
            else { ForwardLater(socket, buffer[..length], from, cancellationToken); }
        }
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer, SocketAddress from, CancellationToken cancellationToken)
    {
        try
        {
            return await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, cancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.MessageSize)
        {
            // An earlier answer could not be delivered: the next query has nothing to do with it.
            return 0;
        }
    }

    private async ValueTask SendAsync(Socket socket, byte[]? answer, SocketAddress to, CancellationToken cancellationToken)
    {
        if (answer is null) { return; }
        try
        {
            await socket.SendToAsync(answer, SocketFlags.None, to, cancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode != SocketError.OperationAborted)
        {
            LogFailed(logger, exception.Message);
        }
    }

    // Beyond the limit queries are dropped, as by a full socket: the asker tries again.
    private void ForwardLater(Socket socket, byte[] query, SocketAddress from, CancellationToken cancellationToken)
    {
        if (!waiting.Wait(0, CancellationToken.None)) { return; }
        var to = new SocketAddress(from.Family, from.Size);
        from.Buffer.Span[..from.Size].CopyTo(to.Buffer.Span);
        _ = ForwardAsync();

        async Task ForwardAsync()
        {
            try
            {
                await SendAsync(socket, await handler.AnswerAsync(query, udp: true, cancellationToken), to, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogFailed(logger, exception.Message);
            }
            catch (OperationCanceledException)
            {
                LogFailed(logger, "the server stops");
            }
            finally
            {
                waiting.Release();
            }
        }
    }

    private async Task ServeTcpAsync(Socket listener, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await connections.WaitAsync(cancellationToken);
            var socket = await listener.AcceptAsync(cancellationToken);
            _ = ServeConnectionAsync(socket, cancellationToken);
        }
    }

    private async Task ServeConnectionAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (await ReadAsync(stream, cancellationToken) is { } query)
            {
                if (await handler.AnswerAsync(query, udp: false, cancellationToken) is not { } answer) { return; }
                await Forwarding.TcpFraming.WriteAsync(stream, answer, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            LogFailed(logger, exception.Message);
        }
        finally
        {
            connections.Release();
        }
    }

    private async Task<byte[]?> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(IdleConnection, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await Forwarding.TcpFraming.ReadAsync(stream, either.Token);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster DNS answers on {Address}")]
    private static partial void LogListening(ILogger logger, IPEndPoint address);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A DNS query was not answered: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
