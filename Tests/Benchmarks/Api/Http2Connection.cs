using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Flotilla.ClusterCore.Client;

namespace Flotilla.Benchmarks.Api;

/// <summary>
/// One client's HTTP/2 connection (RFC 9113) with one request at a time. It does no more than a load generator must, so that
/// the cores it shares with the server are the server's: headers are sent uncompressed, and of those that come back only the
/// status is read.
/// </summary>
internal sealed class Http2Connection : IAsyncDisposable
{
    private const int FrameHeader = 9;
    private const int LargestFrame = 16384;
    private const int WindowCredit = 1 << 30;
    private const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    private const byte EndStream = 1, Acknowledgement = 1, EndHeaders = 4;

    private readonly SslStream stream;
    private readonly string authority;
    private readonly byte[] output = new byte[64 * 1024];
    private readonly byte[] input = new byte[FrameHeader + (256 * 1024)];
    private int start;
    private int end;
    private int nextStream = 1;
    private long unacknowledged;

    private Http2Connection(SslStream stream, string authority) => (this.stream, this.authority) = (stream, authority);

    public static async Task<Http2Connection> OpenAsync(Kubeconfig kubeconfig, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(kubeconfig.Server.Host, kubeconfig.Server.Port, cancellationToken);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = ApiConnection.Tls(kubeconfig);
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        await tls.AuthenticateAsClientAsync(options, cancellationToken);
        var connection = new Http2Connection(tls, kubeconfig.Server.Authority);
        await connection.GreetAsync(cancellationToken);
        return connection;
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="onData">Sees the body, part by part.</param>
    /// <returns>The status code.</returns>
    public async ValueTask<int> SendAsync(
        string method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken, Action<ReadOnlyMemory<byte>>? onData = null)
    {
        var id = await StartAsync(method, path, body, cancellationToken);
        return await ReadAsync(id, onData, cancellationToken);
    }

    /// <exception cref="InvalidOperationException">The answer is not 200.</exception>
    public async Task GetAsync(string path, CancellationToken cancellationToken, Action<ReadOnlyMemory<byte>>? onData = null)
    {
        var status = await SendAsync("GET", path, default, cancellationToken, onData);
        if (status != 200) { throw new InvalidOperationException($"GET {path} was answered {status}."); }
    }

    /// <summary>Sends a request only: for watches that are to be open and no more.</summary>
    public async ValueTask<int> StartAsync(string method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var id = nextStream;
        nextStream += 2;
        var length = WriteRequest(id, method, path, body.Span);
        await stream.WriteAsync(output.AsMemory(0, length), cancellationToken);
        return id;
    }

    /// <summary>Reads until the stream ends.</summary>
    public async ValueTask<int> ReadAsync(int id, Action<ReadOnlyMemory<byte>>? onData, CancellationToken cancellationToken)
    {
        var status = 0;
        while (true)
        {
            var frame = await ReadFrameAsync(cancellationToken);
            if (frame.Type is GoAway or ResetStream) { throw new InvalidOperationException($"The server ended the stream: frame type {frame.Type}, {Convert.ToHexString(frame.Payload.Span)}."); }
            if (frame.StreamId != id) { continue; }
            if (frame.Type == Headers && status == 0) { status = StatusOf(frame.Payload.Span); }
            if (frame.Type == Data) { onData?.Invoke(frame.Payload); }
            if ((frame.Type is Headers or Data) && (frame.Flags & EndStream) != 0) { return status; }
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task GreetAsync(CancellationToken cancellationToken)
    {
        // No header table, no push, and windows that never close.
        byte[] settings = [0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff];
        byte[] credit = [0x3f, 0xff, 0xff, 0xff];
        byte[] preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, settings), .. Frame(WindowUpdate, 0, 0, credit)];
        await stream.WriteAsync(preface, cancellationToken);
    }

    private int WriteRequest(int id, string method, string path, ReadOnlySpan<byte> body)
    {
        var at = FrameHeader;
        // RFC 7541, appendix A: 2 and 3 are GET and POST, 4 the path, 7 https, 1 the authority, 31 the content type.
        output[at++] = method switch { "GET" => 0x82, "POST" => 0x83, _ => throw new NotSupportedException(method) };
        output[at++] = 0x87;
        at = WriteHeader(at, [0x04], path);
        at = WriteHeader(at, [0x01], authority);
        if (!body.IsEmpty) { at = WriteHeader(at, [0x0f, 0x10], "application/json"); }
        WriteFrameHeader(output, at - FrameHeader, Headers, (byte)(EndHeaders | (body.IsEmpty ? EndStream : 0)), id);
        while (!body.IsEmpty)
        {
            var part = body[..Math.Min(body.Length, LargestFrame)];
            body = body[part.Length..];
            WriteFrameHeader(output.AsSpan(at), part.Length, Data, body.IsEmpty ? EndStream : (byte)0, id);
            part.CopyTo(output.AsSpan(at + FrameHeader));
            at += FrameHeader + part.Length;
        }

        return at;
    }

    private int WriteHeader(int at, ReadOnlySpan<byte> name, string value)
    {
        name.CopyTo(output.AsSpan(at));
        at += name.Length;
        // A length takes seven bits, and more bytes beyond 126.
        var length = value.Length;
        if (length < 127) { output[at++] = (byte)length; }
        else
        {
            output[at++] = 127;
            for (length -= 127; length >= 128; length >>= 7) { output[at++] = (byte)(length | 128); }
            output[at++] = (byte)length;
        }

        return at + Encoding.ASCII.GetBytes(value, output.AsSpan(at));
    }

    private async ValueTask<(byte Type, byte Flags, int StreamId, ReadOnlyMemory<byte> Payload)> ReadFrameAsync(CancellationToken cancellationToken)
    {
        await FillAsync(FrameHeader, cancellationToken);
        var length = (input[start] << 16) | (input[start + 1] << 8) | input[start + 2];
        await FillAsync(FrameHeader + length, cancellationToken);
        var (type, flags) = (input[start + 3], input[start + 4]);
        var id = BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(start + 5)) & int.MaxValue;
        var payload = input.AsMemory(start + FrameHeader, length);
        start += FrameHeader + length;
        if (type is Settings or Ping && (flags & Acknowledgement) == 0)
        {
            await stream.WriteAsync(Frame(type, Acknowledgement, 0, type == Ping ? payload.ToArray() : []), cancellationToken);
        }

        if (type == Data) { await GiveCreditAsync(length, cancellationToken); }
        return (type, flags, id, payload);
    }

    private async ValueTask GiveCreditAsync(int consumed, CancellationToken cancellationToken)
    {
        unacknowledged += consumed;
        if (unacknowledged < WindowCredit / 2) { return; }
        var credit = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(credit, (int)unacknowledged);
        unacknowledged = 0;
        await stream.WriteAsync(Frame(WindowUpdate, 0, 0, credit), cancellationToken);
    }

    private async ValueTask FillAsync(int wanted, CancellationToken cancellationToken)
    {
        while (end - start < wanted)
        {
            if (start == end) { start = end = 0; }
            else if (input.Length - start < wanted)
            {
                input.AsSpan(start, end - start).CopyTo(input);
                (start, end) = (0, end - start);
            }

            var read = await stream.ReadAsync(input.AsMemory(end), cancellationToken);
            end += read > 0 ? read : throw new EndOfStreamException("The server closed the connection.");
        }
    }

    /// <summary>The status comes first: 200 and some others as one byte, the rest as a literal of three digits.</summary>
    private static int StatusOf(ReadOnlySpan<byte> block)
    {
        while ((block[0] & 0xe0) == 0x20) { block = block[1..]; }
        return block[0] switch
        {
            0x88 => 200,
            0x8c => 400,
            0x8d => 404,
            0x8e => 500,
            _ when (block[1] & 0x80) != 0 => Huffman(block[2..]),
            _ => int.Parse(block[2..5], System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Three digits in Huffman's code (RFC 7541, appendix B): five bits for 0 to 2, six for the others.</summary>
    private static int Huffman(ReadOnlySpan<byte> text)
    {
        const int FirstOfSixBits = 0b011001;
        var (bits, left, number) = ((text[0] << 16) | (text[1] << 8) | (text.Length > 2 ? text[2] : 0), 24, 0);
        for (var i = 0; i < 3; i++)
        {
            var digit = (bits >> (left - 5)) & 0b11111;
            left -= digit < 3 ? 5 : 6;
            number = (number * 10) + (digit < 3 ? digit : ((bits >> left) & 0b111111) - FirstOfSixBits + 3);
        }

        return number;
    }

    private static byte[] Frame(byte type, byte flags, int streamId, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader + payload.Length];
        WriteFrameHeader(frame, payload.Length, type, flags, streamId);
        payload.CopyTo(frame.AsSpan(FrameHeader));
        return frame;
    }

    private static void WriteFrameHeader(Span<byte> output, int length, byte type, byte flags, int streamId)
    {
        BinaryPrimitives.WriteInt32BigEndian(output, (length << 8) | type);
        output[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(output[5..], streamId);
    }
}
