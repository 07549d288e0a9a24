using System.Net;

namespace Flotilla.NodeAgent.Network.Dns.Forwarding;

/// <summary>The name servers a resolv.conf names.</summary>
internal static class ResolvConf
{
    public const int DnsPort = 53;

    /// <param name="self">Left out: a server that forwards to itself answers nobody.</param>
    public static IReadOnlyList<IPEndPoint> NameServers(string content, IPAddress self)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in content.Split('\n'))
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var ip) && IsElsewhere(ip, self)) { servers.Add(new(ip, DnsPort)); }
        }
        return servers;
    }

    /// <summary>Asking oneself would go round for ever; on the loopback of a node there is nobody else.</summary>
    public static bool IsElsewhere(IPAddress server, IPAddress self) => !server.Equals(self) && !IPAddress.IsLoopback(server);
}
