using System.Globalization;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.StatefulSets;

/// <summary>A stateful set's pods by ordinal, and which of them are beyond its size.</summary>
internal sealed class StatefulSetState
{
    private readonly Dictionary<int, Pod> byOrdinal = [];
    private readonly DateTimeOffset now;

    public StatefulSetState(StatefulSet set, IReadOnlyList<Pod> pods, string current, string update, DateTimeOffset now)
    {
        this.now = now;
        (Set, Current, Update) = (set, current, update);
        var own = pods.Where(pod => OrdinalOf(set, pod) >= 0).ToArray();
        Pods = own;
        foreach (var pod in own)
        {
            byOrdinal[OrdinalOf(set, pod)] = pod;
        }
        Ordinals = [.. Enumerable.Range(Start, set.Spec.Replicas ?? 1)];
        Condemned = [.. own.Where(pod => OrdinalOf(set, pod) < Start || OrdinalOf(set, pod) >= Start + Ordinals.Length)
            .OrderByDescending(pod => OrdinalOf(set, pod))];
    }

    public StatefulSet Set { get; }
    public IReadOnlyList<Pod> Pods { get; }
    public string Current { get; }
    public string Update { get; }
    public int[] Ordinals { get; }

    /// <summary>Highest ordinal first.</summary>
    public IReadOnlyList<Pod> Condemned { get; }

    public int Start => Set.Spec.Ordinals?.Start ?? 0;
    public bool IsOrdered => Set.Spec.PodManagementPolicy != "Parallel";
    public bool IsOnDelete => Set.Spec.UpdateStrategy?.Type == "OnDelete";
    public int Partition => Set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0;

    public int MaxUnavailable =>
        Math.Max(1, Set.Spec.UpdateStrategy?.RollingUpdate?.MaxUnavailable?.Scale(Set.Spec.Replicas ?? 1, roundUp: true) ?? 1);

    public Pod? At(int ordinal) => byOrdinal.GetValueOrDefault(ordinal);

    public bool IsAvailable(Pod pod) => pod.Status.Phase == "Running" && pod.IsAvailable(Set.Spec.MinReadySeconds, now);

    public string? RevisionOf(Pod pod) => pod.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash);

    /// <summary>While an update is under way, pods that it has not reached are made anew as they were.</summary>
    public bool UsesUpdate(int ordinal)
    {
        if (Current == Update)
        {
            return true;
        }
        if (IsOnDelete)
        {
            return true;
        }
        return Set.Spec.UpdateStrategy?.RollingUpdate?.Partition is { } partition
            ? ordinal >= Start + partition
            : ordinal >= Start + Set.Status.CurrentReplicas;
    }

    /// <returns>-1 for a pod whose name is not one of the set's.</returns>
    public static int OrdinalOf(StatefulSet set, Pod pod)
    {
        var name = pod.Metadata.Name;
        var prefix = set.Metadata.Name.Length;
        return name.Length > prefix + 1 && name[prefix] == '-' && name.StartsWith(set.Metadata.Name, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(prefix + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            ? ordinal
            : -1;
    }
}
