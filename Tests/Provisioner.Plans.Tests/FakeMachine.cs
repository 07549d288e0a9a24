using System.Collections.Concurrent;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Machines.ControlPlanes;
using Flotilla.Provisioner.Machines.Networks;
using Flotilla.Provisioner.Machines.Nodes;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Plans.Tests;

/// <summary>A machine in memory, whose control planes answer.</summary>
public sealed class FakeMachine : IMachine, IAsyncDisposable
{
    private readonly ConcurrentDictionary<ControlPlaneId, FakeControlPlane> controlPlanes = new();

    public ConcurrentDictionary<string, ClusterNetwork> Networks { get; } = new();

    public ConcurrentDictionary<NodeId, NodeSpec> Nodes { get; } = new();

    public ConcurrentDictionary<ControlPlaneId, EtcdSpec> Etcd { get; } = new();

    public ConcurrentQueue<string> Purged { get; } = new();

    /// <summary>Throws in place of a verb: <c>EnsureNode</c>, <c>EnsureControlPlane</c>, ….</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    public IReadOnlyCollection<ControlPlaneId> ControlPlanes => [.. controlPlanes.Keys];

    public FakeControlPlane ControlPlane(string clusterId) => controlPlanes[new(clusterId)];

    public IReadOnlyList<string> Problems { get; set; } = [];

    public Task<IReadOnlyList<string>> FindProblemsAsync(CancellationToken cancellationToken) => Task.FromResult(Problems);

    public Task EnsureClusterNetworkAsync(ClusterNetwork network, CancellationToken cancellationToken)
    {
        Check("EnsureClusterNetwork");
        Networks[network.ClusterId] = network;
        return Task.CompletedTask;
    }

    public Task RemoveClusterNetworkAsync(ClusterNetwork network, CancellationToken cancellationToken)
    {
        Check("RemoveClusterNetwork");
        Networks.TryRemove(network.ClusterId, out _);
        return Task.CompletedTask;
    }

    public Task<ProcessRecord> EnsureEtcdAsync(EtcdSpec spec, CancellationToken cancellationToken)
    {
        Check("EnsureEtcd");
        Etcd[spec.Id] = spec;
        return Task.FromResult(new ProcessRecord(4, 1));
    }

    public Task<bool> IsEtcdRunningAsync(ControlPlaneId id, CancellationToken cancellationToken) => Task.FromResult(Etcd.ContainsKey(id));

    public Task StopEtcdAsync(ControlPlaneId id, CancellationToken cancellationToken)
    {
        Etcd.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public async Task<ProcessRecord> EnsureControlPlaneAsync(ControlPlaneSpec spec, CancellationToken cancellationToken)
    {
        Check("EnsureControlPlane");
        if (!controlPlanes.ContainsKey(spec.Id))
        {
            controlPlanes[spec.Id] = await FakeControlPlane.StartAsync(spec.Network.ApiPort, spec.PkiFiles);
            foreach (var node in Nodes.Keys.Where(node => node.ClusterId == spec.Id.ClusterId)) { controlPlanes[spec.Id].Nodes[node.Name] = true; }
        }
        return new(1, 1);
    }

    public Task<bool> IsControlPlaneRunningAsync(ControlPlaneId id, CancellationToken cancellationToken) => Task.FromResult(controlPlanes.ContainsKey(id));

    public Task<string> ReadLastWordsAsync(ControlPlaneId id, CancellationToken cancellationToken) => Task.FromResult("nothing");

    public async Task StopControlPlaneAsync(ControlPlaneId id, CancellationToken cancellationToken)
    {
        Check("StopControlPlane");
        if (controlPlanes.TryRemove(id, out var stopped)) { await stopped.DisposeAsync(); }
    }

    public Task<NodeProcesses> EnsureNodeAsync(NodeSpec spec, CancellationToken cancellationToken)
    {
        Check("EnsureNode");
        Nodes[spec.Id] = spec;
        foreach (var (id, controlPlane) in controlPlanes)
        {
            if (id.ClusterId == spec.Id.ClusterId) { controlPlane.Nodes[spec.Id.Name] = true; }
        }
        return Task.FromResult(new NodeProcesses(new(2, 1), new(3, 1)));
    }

    public Task<bool> IsNodeRunningAsync(NodeId id, CancellationToken cancellationToken) => Task.FromResult(Nodes.ContainsKey(id));

    public Task StopNodeAsync(NodeId id, CancellationToken cancellationToken)
    {
        Check("StopNode");
        Nodes.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public Task PurgeNodeAsync(NodeId id, CancellationToken cancellationToken)
    {
        Purged.Enqueue($"{id.ClusterId}/{id.Name}");
        return Task.CompletedTask;
    }

    public Task PurgeClusterAsync(string clusterId, CancellationToken cancellationToken)
    {
        Purged.Enqueue(clusterId);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var controlPlane in controlPlanes.Values) { await controlPlane.DisposeAsync(); }
    }

    private void Check(string verb)
    {
        if (Fault(verb) is { } fault) { throw fault; }
    }
}
