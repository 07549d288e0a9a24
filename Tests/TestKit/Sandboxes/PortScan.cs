using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Flotilla.TestKit.Sandboxes;

/// <summary>
/// Tries to connect to every given port, thousands at a time. By the kernel's own calls: a refusal is an exception of the library's
/// sockets, and there are tens of thousands of them.
/// </summary>
public static partial class PortScan
{
    private const int AtOnce = 12_000;
    private const int Internet = 2, Stream = 1, NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const int AlreadyConnected = 106;

    /// <summary>On one machine an answer comes in microseconds; what has not answered by then is dropped by a rule.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    /// <returns>Where a connection was accepted. Must run in the network namespace that is to be tried from.</returns>
    public static IReadOnlyList<IPEndPoint> FindOpen(IEnumerable<IPEndPoint> places)
    {
        using var silence = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silence.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // nothing ever comes here: waiting for it is waiting for the others
        var open = new List<IPEndPoint>();
        foreach (var chunk in places.Chunk(AtOnce))
        {
            var tries = Array.ConvertAll(chunk, place => (Place: place, Descriptor: socket(Internet, Stream | NonBlocking | CloseOnExec, 0)));
            foreach (var (place, descriptor) in tries) { Connect(descriptor, place); }
            silence.Poll(Patience, SelectMode.SelectRead);
            open.AddRange(tries.Where(one => IsConnected(one.Descriptor, one.Place)).Select(one => one.Place));
            foreach (var (_, descriptor) in tries) { _ = close(descriptor); }
        }
        return open;
    }

    // Whoever asks again for a connection that stands is told so.
    private static bool IsConnected(int descriptor, IPEndPoint place) => Connect(descriptor, place) is 0 or AlreadyConnected;

    private static int Connect(int descriptor, IPEndPoint place)
    {
        Span<byte> address = stackalloc byte[16];
        BinaryPrimitives.WriteUInt16LittleEndian(address, Internet);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], (ushort)place.Port);
        place.Address.TryWriteBytes(address[4..], out _);
        return connect(descriptor, address, address.Length) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc")]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
