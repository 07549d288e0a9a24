using System.Buffers;
using System.Net.Sockets;

namespace Flotilla.Provisioner.Gateway;

/// <summary>One client: read which cluster it wants, connect to a master of it, then carry bytes both ways.</summary>
internal sealed class GatewayConnection(Socket client, GatewayOptions options, IClusterRoutes routes, TimeProvider clock)
{
    // TLS alerts, RFC 8446 §6: fatal (2), then the description.
    private static readonly byte[] UnrecognizedName = [21, 3, 3, 0, 2, 2, 112];
    private static readonly byte[] InternalError = [21, 3, 3, 0, 2, 2, 80];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ClientHello.MaxBytes);
        try
        {
            var (hello, length) = await ReadHelloAsync(buffer, cancellationToken);
            if (hello.Outcome == ClientHello.Outcome.NotTls) { return; }
            var masters = hello.ServerName is { } name ? await routes.FindAsync(name, cancellationToken) : [];
            if (masters.Count == 0)
            {
                await client.SendAsync(UnrecognizedName, cancellationToken);
                return;
            }

            using var master = await ConnectAsync(masters, cancellationToken);
            if (master is null)
            {
                await client.SendAsync(InternalError, cancellationToken);
                return;
            }

            await SendAllAsync(master, buffer.AsMemory(0, length), cancellationToken);
            await Task.WhenAll(CarryAsync(client, master, cancellationToken), CarryAsync(master, client, cancellationToken));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<(ClientHello.Result Hello, int Length)> ReadHelloAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.HelloTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        for (var length = 0; length < buffer.Length;)
        {
            var read = await client.ReceiveAsync(buffer.AsMemory(length), either.Token);
            if (read == 0) { break; }
            length += read;
            var hello = ClientHello.Parse(buffer.AsSpan(0, length));
            if (hello.Outcome != ClientHello.Outcome.Incomplete) { return (hello, length); }
        }

        return (new(ClientHello.Outcome.NotTls), 0);
    }

    private async Task<Socket?> ConnectAsync(IReadOnlyList<System.Net.IPEndPoint> masters, CancellationToken cancellationToken)
    {
        foreach (var address in masters)
        {
            using var timeout = new CancellationTokenSource(options.ConnectTimeout, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, either.Token);
                return socket;
            }
            catch (Exception exception) when (exception is SocketException || timeout.IsCancellationRequested)
            {
                socket.Dispose(); // this master is down: the next may not be
            }
        }

        return null;
    }

    /// <summary>Ends when the sender does, and says so to the receiver, who may still have something to send.</summary>
    private static async Task CarryAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(), cancellationToken) is var read and > 0)
            {
                await SendAllAsync(to, buffer.AsMemory(0, read), cancellationToken);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // One side is gone for good: without this the other direction would wait for a peer that cannot be answered.
            from.Close();
            to.Close();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await to.SendAsync(bytes, cancellationToken)..];
        }
    }
}
