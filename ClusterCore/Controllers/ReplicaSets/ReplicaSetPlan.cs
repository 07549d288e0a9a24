using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.ReplicaSets;

/// <summary>What a replica set needs: pods to make or to delete, owners to set right, and its status as seen now.</summary>
internal sealed record ReplicaSetPlan(
    int Create, IReadOnlyList<Pod> Delete, Claim<Pod> Claim, ReplicaSetStatus Status, TimeSpan? RequeueAfter)
{
    /// <summary>Pods made or deleted in one go, of one replica set.</summary>
    private const int Burst = 500;

    /// <param name="related">Active pods of the same deployment, its own among them: where they are crowded, the first ones go.</param>
    public static ReplicaSetPlan Compute(ReplicaSet replicaSet, IReadOnlyList<Pod> pods, DateTimeOffset now, Func<IEnumerable<Pod>>? related = null)
    {
        var claim = Selection.Claim.Compute(replicaSet, replicaSet.Spec.Selector, pods.Where(pod => !pod.IsFinished()));
        var active = claim.Claimed.Where(pod => pod.IsActive()).ToArray();
        var (create, delete) = replicaSet.Metadata.DeletionTimestamp is null
            ? Difference(replicaSet.Spec.Replicas ?? 1, active, now, related)
            : (0, []);
        var status = ReplicaSetStatusOf(replicaSet, claim.Claimed, active, now);
        return new(create, delete, claim, status, NextAvailability(replicaSet.Spec.MinReadySeconds, active, now));
    }

    private static (int Create, Pod[] Delete) Difference(int wanted, Pod[] active, DateTimeOffset now, Func<IEnumerable<Pod>>? related)
    {
        var surplus = active.Length - wanted;
        return surplus <= 0
            ? (Math.Min(-surplus, Burst), [])
            : (0, [.. DeletionOrder.Sort(active, now, related?.Invoke()).Take(Math.Min(surplus, Burst))]);
    }

    private static ReplicaSetStatus ReplicaSetStatusOf(
        ReplicaSet replicaSet, IReadOnlyList<Pod> claimed, Pod[] active, DateTimeOffset now)
    {
        var template = replicaSet.Spec.Template?.Read(Client.Json.ObjectJson.Default.PodTemplateSpec)?.Metadata.Labels;
        return replicaSet.Status with
        {
            Replicas = active.Length,
            FullyLabeledReplicas = active.Count(pod => LabelMatch.Matches(template, pod.Metadata.Labels)),
            ReadyReplicas = active.Count(pod => pod.IsReady()),
            AvailableReplicas = active.Count(pod => pod.IsAvailable(replicaSet.Spec.MinReadySeconds, now)),
            TerminatingReplicas = claimed.Count(pod => pod.IsTerminating()),
            ObservedGeneration = replicaSet.Metadata.Generation,
        };
    }

    /// <summary>When the next ready pod will have been ready for long enough.</summary>
    internal static TimeSpan? NextAvailability(int minReadySeconds, IEnumerable<Pod> pods, DateTimeOffset now)
    {
        if (minReadySeconds == 0)
        {
            return null;
        }
        TimeSpan? next = null;
        foreach (var pod in pods)
        {
            if (pod.AvailableIn(minReadySeconds, now) is { Ticks: > 0 } wait && (next is null || wait < next))
            {
                next = wait;
            }
        }
        return next;
    }
}
