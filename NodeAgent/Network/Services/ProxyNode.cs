namespace Flotilla.NodeAgent.Network.Services;

/// <summary>What the rules need to know of the node they are for.</summary>
/// <param name="ClusterDns">Answered by the node itself, whatever a Service says of it.</param>
internal sealed record ProxyNode(string Name, string Ip, string ClusterCidr, string ClusterDns);
