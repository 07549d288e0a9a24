using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using Flotilla.TestKit.Sandboxes;

namespace Flotilla.NodeAgent.Network.Tests.Services;

/// <summary>
/// The first packet of an SCTP association (RFC 9260 §3.3.2), by hand: many kernels have no SCTP sockets, and yet carry its packets.
/// </summary>
internal static class SctpPacket
{
    private const byte Sctp = 132;

    public static async Task SendAsync(string place, string address, int port)
    {
        // A raw socket's packets begin with the Internet's head, of which the kernel fills in whose it is and the checksum.
        using var socket = await NetworkNamespace.RunAsync($"/run/netns/{place}", static () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        var to = IPAddress.Parse(address);
        byte[] head = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, Sctp, 0, 0, 0, 0, 0, 0, .. to.GetAddressBytes()];
        byte[] packet = [.. head, .. First(port)];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        await socket.SendToAsync(packet, new IPEndPoint(to, 0));
    }

    private static byte[] First(int port)
    {
        var packet = new byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(packet, 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)port);
        packet[12] = 1; // INIT, of 20 bytes: a tag, a window, one stream each way, a first number
        packet[15] = 20;
        foreach (var at in (int[])[19, 22, 25, 27, 31]) { packet[at] = 1; }
        var checksum = uint.MaxValue;
        foreach (var part in packet) { checksum = BitOperations.Crc32C(checksum, part); }
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), ~checksum);
        return packet;
    }
}
