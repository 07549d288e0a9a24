using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Network.Routes;

/// <summary>The pods of another node are behind that node.</summary>
internal readonly record struct PodRoute(string PodCidr, string Via);

internal static class PodRoutes
{
    /// <summary>A route for each node but this one that has a pod range and an address.</summary>
    public static IReadOnlySet<PodRoute> Of(IEnumerable<Node> nodes, string nodeName)
    {
        var routes = new HashSet<PodRoute>();
        foreach (var node in nodes)
        {
            if (node.Metadata.Name == nodeName || node.Spec?.PodCIDR is not { Length: > 0 } range) { continue; }
            var ip = (node.Status?.Addresses ?? []).FirstOrDefault(address => address.Type == "InternalIP")?.Address;
            if (!string.IsNullOrEmpty(ip)) { routes.Add(new(range, ip)); }
        }
        return routes;
    }
}
