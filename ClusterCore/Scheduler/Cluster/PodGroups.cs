using System.Runtime.InteropServices;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>
/// The placed pods, in groups that selectors cannot tell apart. A new question looks at the groups that have one of its labels, which
/// are few, however many pods are placed:
/// <code>
/// app in (web), tier in (front)    100,000 pods, 2,000 groups    app=web: 3 groups, tier=front: 700    looks at 3
/// </code>
/// </summary>
internal sealed class PodGroups
{
    private readonly Dictionary<PodInfo, PodGroup> groups = new(SameLabels.Instance);
    private readonly Dictionary<(string Key, string Value), GroupSet> byLabel = [];

    public PodGroup? Find(PodInfo pod) => groups.GetValueOrDefault(pod);

    public PodGroup Add(PodInfo pod)
    {
        var group = new PodGroup(pod);
        groups.Add(pod, group);
        foreach (var (key, value) in pod.Labels) { CollectionsMarshal.GetValueRefOrAddDefault(byLabel, (key, value), out _).Add(group); }
        return group;
    }

    public void Remove(PodGroup group)
    {
        groups.Remove(group.Example);
        foreach (var (key, value) in group.Example.Labels)
        {
            ref var set = ref CollectionsMarshal.GetValueRefOrNullRef(byLabel, (key, value));
            set.Remove(group);
            if (set.Count == 0) { byLabel.Remove((key, value)); }
        }
    }

    /// <summary>Every group whose pods meet the requirements, and perhaps others.</summary>
    public IEnumerable<PodGroup> Candidates(IEnumerable<LabelRequirement> requirements)
    {
        GroupSet? fewest = null;
        foreach (var requirement in requirements)
        {
            if (requirement.OnlyValue() is not { } value) { continue; }
            if (!byLabel.TryGetValue((requirement.Key, value), out var set)) { return []; }
            if (fewest is null || set.Count < fewest.Value.Count) { fewest = set; }
        }
        return fewest?.Groups ?? groups.Values;
    }

    // Labels that only one pod has are many: for them no set is made.
    private struct GroupSet
    {
        private PodGroup? only;
        private HashSet<PodGroup>? many;

        public readonly int Count => many?.Count ?? (only is null ? 0 : 1);

        public readonly IEnumerable<PodGroup> Groups => many ?? (only is null ? [] : (IEnumerable<PodGroup>)[only]);

        public void Add(PodGroup group)
        {
            if (many is null && only is null) { only = group; }
            else { (many ??= [only!]).Add(group); }
        }

        public void Remove(PodGroup group)
        {
            only = null;
            many?.Remove(group);
        }
    }

    private sealed class SameLabels : IEqualityComparer<PodInfo>
    {
        public static SameLabels Instance { get; } = new();

        public bool Equals(PodInfo? x, PodInfo? y)
        {
            if (x!.Terminating != y!.Terminating || x.Namespace != y.Namespace || x.Labels.Count != y.Labels.Count) { return false; }
            if (ReferenceEquals(x.Labels, y.Labels)) { return true; }
            foreach (var (key, value) in x.Labels)
            {
                if (!y.Labels.TryGetValue(key, out var other) || other != value) { return false; }
            }
            return true;
        }

        public int GetHashCode(PodInfo pod)
        {
            var hash = HashCode.Combine(pod.Namespace, pod.Terminating);
            // In any order.
            foreach (var (key, value) in pod.Labels) { hash ^= HashCode.Combine(key, value); }
            return hash;
        }
    }
}

/// <summary>Placed pods of one namespace with the same labels, on their way out or not: what selects one selects all.</summary>
/// <param name="example">Any of them.</param>
internal sealed class PodGroup(PodInfo example)
{
    private Dictionary<string, int>? counts;
    private string? onlyNode;
    private int onlyCount;

    public PodInfo Example => example;

    /// <summary>Kept selections that select the group.</summary>
    public List<PodSelection> SelectedBy { get; } = [];

    public bool IsEmpty => counts is null ? onlyCount == 0 : counts.Count == 0;

    public IEnumerable<KeyValuePair<string, int>> Counts => counts ?? (onlyCount == 0 ? [] : (IEnumerable<KeyValuePair<string, int>>)[new(onlyNode!, onlyCount)]);

    public void Change(string nodeName, int sign)
    {
        // Groups on one node are many, of one pod most of them.
        if (counts is null && (onlyCount == 0 || onlyNode == nodeName))
        {
            (onlyNode, onlyCount) = (nodeName, onlyCount + sign);
            return;
        }
        counts ??= new(StringComparer.Ordinal) { [onlyNode!] = onlyCount };
        var count = counts.GetValueOrDefault(nodeName) + sign;
        if (count == 0) { counts.Remove(nodeName); }
        else { counts[nodeName] = count; }
    }
}
