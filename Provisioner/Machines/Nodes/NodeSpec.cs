using System.Net;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.Nodes;

public sealed record NodeId(string ClusterId, string Name);

public sealed record NodeSpec
{
    public required NodeId Id { get; init; }

    public required ClusterNetwork Network { get; init; }

    /// <summary>Unique in the cluster; it decides the node's address.</summary>
    public required int Index { get; init; }

    /// <summary>The whole kubeconfig the agent logs in with.</summary>
    public required string Kubeconfig { get; init; }

    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    public IPAddress Address => Network.NodeAddress(Index);
}

public sealed record NodeProcesses(ProcessRecord Containerd, ProcessRecord Agent);
