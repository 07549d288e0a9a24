using System.Net;
using System.Net.Sockets;

namespace Flotilla.TestKit;

public static class LoopbackPort
{
    /// <summary>A TCP port that nothing listens on now, for a process that must be told its own.</summary>
    public static int Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
