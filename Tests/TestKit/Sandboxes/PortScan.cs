using System.Net;
using System.Net.Sockets;

namespace Flotilla.TestKit.Sandboxes;

/// <summary>Tries to connect to every given port of an address, thousands at a time.</summary>
public static class PortScan
{
    private const int AtOnce = 12_000;

    /// <summary>On one machine an answer comes in microseconds; what has not answered by then is dropped by a rule.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    /// <returns>The ports that accepted a connection. Must run in the network namespace that is to be tried.</returns>
    public static IReadOnlyList<int> FindOpen(IPAddress address, IEnumerable<int> ports)
    {
        using var silence = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silence.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // nothing ever comes here: waiting for it is waiting for the others
        var open = new List<int>();
        foreach (var chunk in ports.Chunk(AtOnce))
        {
            var sockets = chunk.Select(port => (Port: port, Socket: Begin(address, port))).Where(one => one.Socket is not null).ToList();
            if (sockets.Count > 0) { silence.Poll(Patience, SelectMode.SelectRead); }
            open.AddRange(sockets.Where(one => IsConnected(one.Socket!)).Select(one => one.Port));
            foreach (var (_, socket) in sockets) { socket!.Dispose(); }
        }
        return open;
    }

    private static Socket? Begin(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(new IPEndPoint(address, port));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return socket;
        }
        catch (SocketException)
        {
            // Refused, or no way there.
            socket.Dispose();
            return null;
        }
        return socket;
    }

    private static bool IsConnected(Socket socket) =>
        socket.Poll(0, SelectMode.SelectWrite) && (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0;
}
