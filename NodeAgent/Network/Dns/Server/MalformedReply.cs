using Flotilla.NodeAgent.Network.Dns.Messages;

namespace Flotilla.NodeAgent.Network.Dns.Server;

/// <summary>The answer to what cannot be read: a header alone that says so.</summary>
internal static class MalformedReply
{
    /// <returns>Null to what is no query at all: answering answers would let two servers talk for ever.</returns>
    public static byte[]? To(ReadOnlySpan<byte> message)
    {
        if (message.Length < 12 || (message[2] & 0x80) != 0) { return null; }
        var operation = message[2] & 0x78;
        var code = operation == 0 ? DnsResponseCode.FormatError : DnsResponseCode.NotImplemented;
        return [message[0], message[1], (byte)(0x80 | operation), (byte)code, 0, 0, 0, 0, 0, 0, 0, 0];
    }
}
