using System.Net;

namespace Flotilla.NodeAgent.Network.Dns.Forwarding;

/// <summary>The name servers a resolv.conf names.</summary>
internal static class ResolvConf
{
    /// <param name="self">Left out: a server that forwards to itself answers nobody.</param>
    public static IReadOnlyList<IPEndPoint> NameServers(string content, IPAddress self)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in content.Split('\n'))
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out var ip) && !ip.Equals(self)) { servers.Add(new(ip, 53)); }
        }
        return servers;
    }
}
