using Flotilla.Provisioner.Machines.ControlPlanes;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Nodes;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines;

/// <summary>
/// One machine of the pool: where control planes and nodes run. One adapter per kind of infrastructure; every verb is
/// idempotent, so a step that was cut off is simply run again.
/// </summary>
public interface IMachine
{
    /// <summary>What this machine lacks, in words an operator can act on; empty when it can host clusters.</summary>
    Task<IReadOnlyList<string>> FindProblemsAsync(CancellationToken cancellationToken);

    Task EnsureClusterNetworkAsync(ClusterNetwork network, CancellationToken cancellationToken);

    Task RemoveClusterNetworkAsync(ClusterNetwork network, CancellationToken cancellationToken);

    /// <summary>Starts the etcd member of a master, or adopts the one that runs already; it answers once most members run.</summary>
    Task<ProcessRecord> EnsureEtcdAsync(EtcdSpec spec, CancellationToken cancellationToken);

    Task<bool> IsEtcdRunningAsync(ControlPlaneId id, CancellationToken cancellationToken);

    Task StopEtcdAsync(ControlPlaneId id, CancellationToken cancellationToken);

    /// <summary>Starts the member, or adopts the one that runs already.</summary>
    Task<ProcessRecord> EnsureControlPlaneAsync(ControlPlaneSpec spec, CancellationToken cancellationToken);

    Task<bool> IsControlPlaneRunningAsync(ControlPlaneId id, CancellationToken cancellationToken);

    /// <summary>The last line of its log: why it ended, when it did.</summary>
    Task<string> ReadLastWordsAsync(ControlPlaneId id, CancellationToken cancellationToken);

    Task StopControlPlaneAsync(ControlPlaneId id, CancellationToken cancellationToken);

    /// <summary>Makes the node's sandbox (network, mounts, cgroup), then starts its containerd and agent, or adopts them.</summary>
    Task<NodeProcesses> EnsureNodeAsync(NodeSpec spec, CancellationToken cancellationToken);

    Task<bool> IsNodeRunningAsync(NodeId id, CancellationToken cancellationToken);

    /// <summary>Stops the node with all its containers and leaves no process, mount, cgroup or network of it.</summary>
    Task StopNodeAsync(NodeId id, CancellationToken cancellationToken);

    /// <summary>Removes the node's disk. The node must be stopped.</summary>
    Task PurgeNodeAsync(NodeId id, CancellationToken cancellationToken);

    /// <summary>Removes all state of a cluster on this machine. Everything of it must be stopped.</summary>
    Task PurgeClusterAsync(string clusterId, CancellationToken cancellationToken);
}
