using System.Collections.ObjectModel;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>
/// A node with the pods on it and the sums the plugins read. Only the scheduling loop touches it, so it is changed in
/// place: placing a pod costs the same however many are placed.
/// </summary>
internal sealed class NodeInfo(string name)
{
    public string Name { get; } = name;

    /// <summary>Null while pods say they are on a node that was not seen (yet, or any more).</summary>
    public Node? Node { get; private set; }

    public IReadOnlyDictionary<string, string> Labels { get; private set; } = ReadOnlyDictionary<string, string>.Empty;

    public NodeTaint[] Taints { get; private set; } = [];

    public bool Unschedulable { get; private set; }

    public ResourceAmounts Allocatable { get; private set; } = new();

    public ResourceAmounts Requested { get; private init; } = new();

    /// <summary>As <see cref="PodInfo.ScoredRequests"/>; CPU and memory only.</summary>
    public ResourceAmounts ScoredRequested { get; private init; } = new();

    public List<PodInfo> Pods { get; private init; } = [];

    public List<HostPort> UsedPorts { get; private init; } = [];

    /// <summary>Sizes of the images on the node, by each of their names.</summary>
    public Dictionary<string, long> Images { get; private set; } = [];

    /// <summary>Place in <see cref="ClusterSnapshot.Nodes"/>; -1 when not in it.</summary>
    public int Index { get; set; } = -1;

    public void SetNode(Node? node)
    {
        Node = node;
        Labels = node?.Metadata.Labels ?? ReadOnlyDictionary<string, string>.Empty;
        Taints = Array.ConvertAll(node?.Spec?.Taints ?? [], SelectorParser.ToTaint);
        Unschedulable = node?.Spec?.Unschedulable ?? false;
        Allocatable = node?.Status?.Allocatable is { } allocatable ? ResourceParser.Parse(allocatable) : new();
        Images = ImagesOf(node?.Status?.Images);
    }

    public void Add(PodInfo pod)
    {
        Pods.Add(pod);
        Account(pod, 1);
        UsedPorts.AddRange(pod.HostPorts);
    }

    public bool Remove(PodInfo pod)
    {
        var index = Pods.FindIndex(other => ReferenceEquals(other, pod) || other.Uid == pod.Uid);
        if (index < 0) { return false; }
        var found = Pods[index];
        Pods[index] = Pods[^1];
        Pods.RemoveAt(Pods.Count - 1);
        Account(found, -1);
        foreach (var port in found.HostPorts) { UsedPorts.Remove(port); }
        return true;
    }

    /// <summary>A copy a preemption dry run may take pods from.</summary>
    public NodeInfo Clone() => new(Name)
    {
        Node = Node,
        Labels = Labels,
        Taints = Taints,
        Unschedulable = Unschedulable,
        Allocatable = Allocatable,
        Images = Images,
        Requested = Requested.Clone(),
        ScoredRequested = ScoredRequested.Clone(),
        Pods = [.. Pods],
        UsedPorts = [.. UsedPorts],
        Index = Index,
    };

    private void Account(PodInfo pod, int sign)
    {
        Requested.Add(pod.Requests, sign);
        ScoredRequested.MilliCpu += sign * pod.ScoredRequests.MilliCpu;
        ScoredRequested.Memory += sign * pod.ScoredRequests.Memory;
    }

    private static Dictionary<string, long> ImagesOf(ContainerImage[]? images)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var image in images ?? [])
        {
            foreach (var name in image.Names ?? []) { sizes[name] = image.SizeBytes; }
        }
        return sizes;
    }
}
