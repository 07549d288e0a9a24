using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Plans.Engine;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>What each kind of operation does. The plan depends only on the operation and its cluster, so a restart makes it again.</summary>
internal sealed class ClusterPlans(
    Allocation allocation, Masters masters, Workers workers, AccessBindings access, ClusterRecords records, IMachine machine, TimeProvider clock)
{
    public OperationPlan For(Operation operation, Cluster cluster) => operation.Kind switch
    {
        OperationKind.CreateCluster => new([.. BringUp(cluster)]) { UndoOnFailure = true },
        OperationKind.UndeleteCluster or OperationKind.WakeCluster or OperationKind.RepairCluster => new([.. BringUp(cluster)]),
        OperationKind.ScaleCluster => new([.. Scale(cluster)]) { UndoOnFailure = true },
        OperationKind.HibernateCluster => new([.. StopProcesses(cluster)]),
        OperationKind.DeleteCluster => new([.. StopProcesses(cluster), RemoveNetwork(cluster), .. MustPurge(cluster) ? [Purge(cluster, ["network"])] : Nothing]),
        OperationKind.PurgeCluster => new([Purge(cluster, [])]),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Kind, "An operation without a plan."),
    };

    /// <summary>A cluster that is deleted "now" has no grace.</summary>
    public bool MustPurge(Cluster cluster) => cluster.PurgeAt <= clock.GetUtcNow();

    private static PlanStep[] Nothing => [];

    private IEnumerable<PlanStep> BringUp(Cluster cluster)
    {
        var id = cluster.Id;
        yield return new("allocate", "Reserve ports, a network and keys", token => AllocateAsync(id, token))
        {
            UndoAsync = async token =>
            {
                await machine.PurgeClusterAsync(id, token);
                await allocation.ReleaseAsync(id, token);
            },
        };
        yield return new("network", "Make the cluster's network", token => EnsureNetworkAsync(id, token))
        {
            Needs = ["allocate"],
            UndoAsync = token => RemoveNetworkAsync(id, token),
        };
        // One master has the embedded store in its own process; several have an etcd member each.
        var etcd = cluster.Masters == 1 ? [] : Enumerable.Range(0, cluster.Masters).ToArray();
        foreach (var member in etcd)
        {
            yield return new(EtcdStep(member), $"Start etcd of {ClusterRules.MasterName(member)}", token => masters.EnsureEtcdAsync(id, member, token))
            {
                Needs = ["network"],
                UndoAsync = token => masters.StopAsync(id, member, token),
            };
        }
        foreach (var member in Enumerable.Range(0, cluster.Masters))
        {
            yield return new(MasterStep(member), $"Start control plane {ClusterRules.MasterName(member)}", token => masters.EnsureAsync(id, member, token))
            {
                Needs = ["network", .. etcd.Select(EtcdStep)],
                UndoAsync = token => masters.StopAsync(id, member, token),
            };
            yield return new(ReadyStep(member), $"Wait for {ClusterRules.MasterName(member)} to answer", token => masters.WaitUntilReadyAsync(id, member, token))
            {
                Needs = [MasterStep(member)],
                Timeout = TimeSpan.FromSeconds(30),
                RetryDelay = TimeSpan.FromMilliseconds(300),
            };
        }
        yield return new("access", "Give the project's members access", token => access.EnsureAsync(id, token)) { Needs = [ReadyStep(0)] };
        foreach (var index in Enumerable.Range(0, cluster.Workers)) { yield return AddWorker(cluster, index, [ReadyStep(0)]); }
    }

    private IEnumerable<PlanStep> Scale(Cluster cluster)
    {
        var existing = cluster.Nodes.Where(node => node.Role == NodeRole.Worker).Select(node => node.Index).ToHashSet();
        foreach (var index in Enumerable.Range(0, cluster.Workers)) { yield return AddWorker(cluster, index, [], undo: !existing.Contains(index)); }
        foreach (var index in existing.Where(index => index >= cluster.Workers).Order())
        {
            yield return new($"remove {ClusterRules.WorkerName(index)}", $"Remove {ClusterRules.WorkerName(index)}", token => workers.RemoveAsync(cluster.Id, index, token))
            {
                Timeout = TimeSpan.FromSeconds(90),
            };
        }
    }

    private PlanStep AddWorker(Cluster cluster, int index, IReadOnlyList<string> needs, bool undo = true) =>
        new(ClusterRules.WorkerName(index), $"Start {ClusterRules.WorkerName(index)}", token => workers.EnsureAsync(cluster.Id, index, token))
        {
            Needs = needs,
            Timeout = TimeSpan.FromSeconds(120),
            UndoAsync = undo ? token => workers.DiscardAsync(cluster.Id, index, token) : null,
        };

    private IEnumerable<PlanStep> StopProcesses(Cluster cluster)
    {
        var nodes = cluster.Nodes.OrderBy(node => node.Index).ToLookup(node => node.Role);
        string[] stops = [.. nodes[NodeRole.Worker].Select(node => StopStep(node.Name))];
        foreach (var node in nodes[NodeRole.Worker])
        {
            yield return new(StopStep(node.Name), $"Stop {node.Name}", token => workers.StopAsync(cluster.Id, node.Index, token));
        }
        foreach (var node in nodes[NodeRole.Master])
        {
            yield return new(StopStep(node.Name), $"Stop {node.Name}", token => masters.StopAsync(cluster.Id, node.Index, token)) { Needs = stops };
        }
    }

    private PlanStep RemoveNetwork(Cluster cluster) =>
        new("network", "Remove the cluster's network", token => RemoveNetworkAsync(cluster.Id, token))
        {
            Needs = [.. cluster.Nodes.OrderBy(node => node.Role == NodeRole.Master).Select(node => StopStep(node.Name))],
        };

    private PlanStep Purge(Cluster cluster, IReadOnlyList<string> needs) =>
        new("purge", "Remove the cluster's data", async token =>
        {
            await machine.PurgeClusterAsync(cluster.Id, token);
            await allocation.ReleaseAsync(cluster.Id, token);
        })
        {
            Needs = needs,
        };

    /// <summary>The first step, so that what the machine lacks is told at once and nothing is half-made.</summary>
    private async Task AllocateAsync(string clusterId, CancellationToken cancellationToken)
    {
        if (await machine.FindProblemsAsync(cancellationToken) is { Count: > 0 } problems)
        {
            throw new StepException("machine.not-ready", string.Join(' ', problems), ErrorFixer.Operator, canRetry: false);
        }
        await allocation.EnsureAsync(clusterId, cancellationToken);
    }

    private async Task EnsureNetworkAsync(string clusterId, CancellationToken cancellationToken)
    {
        var cluster = await records.ReadAsync(clusterId, cancellationToken);
        await machine.EnsureClusterNetworkAsync(ClusterRecords.NetworkOf(cluster), cancellationToken);
    }

    private async Task RemoveNetworkAsync(string clusterId, CancellationToken cancellationToken)
    {
        // A creation that failed before it had a network has none to remove.
        var cluster = await records.ReadAsync(clusterId, cancellationToken);
        if (cluster.NetworkIndex is null) { return; }
        await machine.RemoveClusterNetworkAsync(ClusterRecords.NetworkOf(cluster), cancellationToken);
    }

    private static string EtcdStep(int member) => $"etcd {member}";

    private static string MasterStep(int member) => $"control-plane {member}";

    private static string ReadyStep(int member) => $"ready {member}";

    private static string StopStep(string node) => $"stop {node}";
}
