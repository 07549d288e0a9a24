using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>
/// Keeps the snapshot from what the informers tell and from what the scheduler itself assumes. A pod is assumed from the
/// moment a node is chosen until the informer shows it bound, or the binding fails and it is forgotten.
/// </summary>
internal sealed class ClusterState(INamespaceLabels namespaces)
{
    private readonly Dictionary<string, Placement> placements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> zones = new(StringComparer.Ordinal);
    private bool disordered;

    public ClusterSnapshot Snapshot { get; } = new(namespaces);

    public int PodCount => placements.Count;

    public NodeInfo SetNode(Node node)
    {
        var info = Snapshot.GetOrAdd(node.Metadata.Name);
        Snapshot.Images.Remove(info);
        var wasIn = info.Index >= 0;
        var oldZone = ZoneOf(info);
        info.SetNode(node);
        Snapshot.Images.Add(info);
        if (!wasIn) { Snapshot.Nodes.Add(info); }
        info.Index = wasIn ? info.Index : 0;
        disordered |= !wasIn || oldZone != ZoneOf(info);
        return info;
    }

    public void RemoveNode(string name)
    {
        if (Snapshot.Find(name) is not { Node: not null } info) { return; }
        Snapshot.Images.Remove(info);
        info.SetNode(null);
        info.Index = -1;
        Snapshot.Nodes.Remove(info);
        if (info.Pods.Count == 0) { Snapshot.Forget(info); }
        disordered = true;
    }

    public bool IsPlaced(string uid) => placements.ContainsKey(uid);

    public bool IsAssumed(string uid) => placements.TryGetValue(uid, out var placement) && placement.Assumed;

    public PodInfo? FindPod(string uid) => placements.TryGetValue(uid, out var placement) ? placement.Pod : null;

    public void Assume(PodInfo pod, NodeInfo node) => Place(pod, node, assumed: true);

    /// <summary>The API says the pod is on its node (again, or for the first time).</summary>
    public void SetPod(PodInfo pod) => Place(pod, Snapshot.GetOrAdd(pod.NodeName), assumed: false);

    public bool RemovePod(string uid)
    {
        if (!placements.Remove(uid, out var placement)) { return false; }
        var (pod, node, _) = placement;
        node.Remove(pod);
        Index(pod, node, -1);
        if (node is { Node: null, Pods.Count: 0 }) { Snapshot.Forget(node); }
        return true;
    }

    private void Place(PodInfo pod, NodeInfo node, bool assumed)
    {
        if (placements.TryGetValue(pod.Uid, out var old)) { RemovePod(old.Pod.Uid); }
        // Removing the last pod may have dropped a node that is not there.
        node = Snapshot.GetOrAdd(node.Name);
        placements[pod.Uid] = new(pod, node, assumed);
        node.Add(pod);
        Index(pod, node, 1);
    }

    private void Index(PodInfo pod, NodeInfo node, int sign)
    {
        Snapshot.Selections.Change(pod, node, sign);
        Snapshot.Terms.Change(pod, node, sign);
        Snapshot.Claims.Change(pod, sign);
    }

    /// <summary>Puts the nodes in order when some came or went since the last cycle.</summary>
    public void Refresh()
    {
        if (!disordered) { return; }
        disordered = false;
        zones.Clear();
        var turns = Snapshot.Nodes.ConvertAll(node =>
        {
            var zone = ZoneOf(node);
            var turn = zones.GetValueOrDefault(zone);
            zones[zone] = turn + 1;
            return (turn, node);
        });
        Snapshot.Nodes.Clear();
        Snapshot.Nodes.AddRange(turns.OrderBy(one => one.turn).Select(one => one.node));
        for (var index = 0; index < Snapshot.Nodes.Count; index++) { Snapshot.Nodes[index].Index = index; }
    }

    private static string ZoneOf(NodeInfo node) =>
        $"{node.Labels.GetValueOrDefault(WellKnownLabels.Region)}:{node.Labels.GetValueOrDefault(WellKnownLabels.Zone)}";

    private sealed record Placement(PodInfo Pod, NodeInfo Node, bool Assumed);
}

internal static class WellKnownLabels
{
    public const string Hostname = "kubernetes.io/hostname";
    public const string Zone = "topology.kubernetes.io/zone";
    public const string Region = "topology.kubernetes.io/region";
}
