namespace Flotilla.NodeAgent.Network.Routes;

/// <summary>
/// How packets get to the pods of other nodes. Nodes on one network, be it a bridge of their machine or a LAN, are each other's
/// gateways: <see cref="RouteTable"/>. Between machines that only reach each other through routers an overlay takes its place (a VXLAN
/// device, with an entry for each route's <see cref="PodRoute.Via"/>): it is told the same, and nothing else of the node changes.
/// </summary>
internal interface IPodRouteTable
{
    /// <summary>Makes the routes these and no others.</summary>
    Task ApplyAsync(IReadOnlySet<PodRoute> wanted, CancellationToken cancellationToken);
}
