namespace Flotilla.NodeAgent.Network.Services;

/// <summary>What the rules need to know of the node they are for.</summary>
/// <param name="ClusterDns">Answered by the node itself, whatever a Service says of it.</param>
/// <param name="Zone">Where it stands, if it says so: Services may prefer endpoints of the same zone.</param>
internal sealed record ProxyNode(string Name, string ClusterCidr, string ServiceCidr, string ClusterDns, string? Zone = null);
