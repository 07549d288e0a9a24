using System.Buffers.Binary;
using System.Text;

namespace Flotilla.Provisioner.Gateway;

/// <summary>
/// Finds the server name in the first bytes of a TLS connection (RFC 8446 §4.1.2, RFC 6066 §3). Nothing is decrypted: the
/// name is in the clear, the rest is the cluster's business.
/// </summary>
internal static class ClientHello
{
    /// <summary>A hello is at most one record of 2^14 bytes here; larger ones do not occur in practice.</summary>
    public const int MaxBytes = RecordHeader + (1 << 14);

    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;
    private const byte HandshakeRecord = 22, ClientHelloMessage = 1;
    private const ushort ServerNameExtension = 0;
    private const byte HostName = 0;

    public enum Outcome { Incomplete, Found, NoServerName, NotTls }

    public readonly record struct Result(Outcome Outcome, string? ServerName = null);

    public static Result Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordHeader) { return new(Outcome.Incomplete); }
        if (bytes[0] != HandshakeRecord || bytes[1] != 3) { return new(Outcome.NotTls); }
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (length > MaxBytes - RecordHeader || length < HandshakeHeader) { return new(Outcome.NotTls); }
        if (bytes.Length < RecordHeader + length) { return new(Outcome.Incomplete); }
        var handshake = bytes.Slice(RecordHeader, length);
        return handshake[0] == ClientHelloMessage ? ParseMessage(handshake[HandshakeHeader..]) : new(Outcome.NotTls);
    }

    private static Result ParseMessage(ReadOnlySpan<byte> message)
    {
        const int versionAndRandom = 2 + 32;
        var reader = new VectorReader(message);
        var wellFormed = reader.Skip(versionAndRandom)
            && reader.TryReadVector(1, out _) // session id
            && reader.TryReadVector(2, out _) // cipher suites
            && reader.TryReadVector(1, out _); // compression methods
        if (!wellFormed) { return new(Outcome.NotTls); }
        return reader.TryReadVector(2, out var extensions) ? FindServerName(extensions) : new(Outcome.NoServerName);
    }

    private static Result FindServerName(ReadOnlySpan<byte> extensions)
    {
        var reader = new VectorReader(extensions);
        while (reader.TryReadUInt16(out var type) && reader.TryReadVector(2, out var body))
        {
            if (type != ServerNameExtension) { continue; }
            var list = new VectorReader(body);
            if (!list.TryReadVector(2, out var names)) { return new(Outcome.NotTls); }
            var name = new VectorReader(names);
            return name.TryReadByte(out var kind) && kind == HostName && name.TryReadVector(2, out var host) && !host.IsEmpty
                ? new(Outcome.Found, Encoding.ASCII.GetString(host).ToLowerInvariant())
                : new(Outcome.NotTls);
        }

        return new(Outcome.NoServerName);
    }

    /// <summary>Reads the length-prefixed vectors TLS is made of.</summary>
    private ref struct VectorReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> rest = bytes;

        public bool Skip(int count)
        {
            if (rest.Length < count) { return false; }
            rest = rest[count..];
            return true;
        }

        public bool TryReadByte(out byte value)
        {
            value = rest.IsEmpty ? (byte)0 : rest[0];
            return Skip(1);
        }

        public bool TryReadUInt16(out ushort value)
        {
            value = rest.Length < 2 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
            return Skip(2);
        }

        public bool TryReadVector(int lengthBytes, out ReadOnlySpan<byte> vector)
        {
            vector = default;
            if (rest.Length < lengthBytes) { return false; }
            var length = lengthBytes == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (rest.Length < lengthBytes + length) { return false; }
            vector = rest.Slice(lengthBytes, length);
            return Skip(lengthBytes + length);
        }
    }
}
