using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.ReplicaSets;

namespace Flotilla.ClusterCore.Controllers.StatefulSets;

/// <param name="FromUpdate">Made from the new template, else from the one before it.</param>
internal readonly record struct NewStatefulPod(int Ordinal, bool FromUpdate);

/// <summary>
/// The next steps of a stateful set. Ordered sets take one step at a time, lowest ordinal first, and wait until each pod is
/// available; parallel ones do all at once. Updates go from the highest ordinal down to the partition.
/// </summary>
internal sealed record StatefulSetPlan(
    IReadOnlyList<NewStatefulPod> Create, IReadOnlyList<Pod> Delete, StatefulSetStatus Status, TimeSpan? RequeueAfter)
{
    /// <param name="pods">The set's own pods.</param>
    /// <param name="current">Name of the revision the set is updated from.</param>
    /// <param name="update">Name of the present template's revision.</param>
    public static StatefulSetPlan Compute(StatefulSet set, IReadOnlyList<Pod> pods, string current, string update, DateTimeOffset now)
    {
        var state = new StatefulSetState(set, pods, current, update, now);
        var status = StatefulSetStatusOf(state);
        var requeue = ReplicaSetPlan.NextAvailability(set.Spec.MinReadySeconds, pods, now);
        if (set.Metadata.DeletionTimestamp is not null)
        {
            return new([], [], status, requeue);
        }
        var (create, delete) = Steps(state);
        return new(create, delete, status, requeue);
    }

    private static (IReadOnlyList<NewStatefulPod> Create, IReadOnlyList<Pod> Delete) Steps(StatefulSetState state)
    {
        List<NewStatefulPod> create = [];
        List<Pod> delete = [];
        foreach (var ordinal in state.Ordinals)
        {
            var pod = state.At(ordinal);
            if (pod is null)
            {
                create.Add(new(ordinal, state.UsesUpdate(ordinal)));
            }
            else if (pod.IsFinished() && !pod.IsTerminating())
            {
                delete.Add(pod);
            }
            var isSettled = pod is not null && !pod.IsFinished() && !pod.IsTerminating() && state.IsAvailable(pod);
            if (state.IsOrdered && !isSettled)
            {
                return (create, delete);
            }
        }
        var waits = ScaleDown(state, delete);
        if (!waits && !state.IsOnDelete)
        {
            delete.AddRange(Outdated(state).Except(delete));
        }
        return (create, delete);
    }

    /// <summary>
    /// An ordered set that is not well is not made smaller: of the pods beyond its size one goes only while it is available, or the
    /// first that is not.
    /// </summary>
    /// <returns>Whether an ordered set has to wait for pods beyond its size to go.</returns>
    private static bool ScaleDown(StatefulSetState state, List<Pod> delete)
    {
        var firstUnavailable = state.Condemned.LastOrDefault(pod => pod.IsTerminating() || !state.IsAvailable(pod));
        foreach (var condemned in state.Condemned)
        {
            var blocks = state.IsOrdered && !state.IsAvailable(condemned) && condemned != firstUnavailable;
            if (!condemned.IsTerminating() && !blocks)
            {
                delete.Add(condemned);
            }
            if (state.IsOrdered)
            {
                return true;
            }
        }
        return false;
    }

    private static List<Pod> Outdated(StatefulSetState state)
    {
        var outdated = new List<Pod>();
        var unavailable = state.Ordinals.Count(ordinal => state.At(ordinal) is not { } pod || pod.IsTerminating() || !state.IsAvailable(pod));
        foreach (var ordinal in state.Ordinals.Reverse())
        {
            if (ordinal < state.Start + state.Partition)
            {
                break;
            }
            if (state.At(ordinal) is not { } pod)
            {
                continue;
            }
            if (state.RevisionOf(pod) != state.Update && !pod.IsTerminating())
            {
                var isDown = !state.IsAvailable(pod);
                if (!isDown && unavailable >= state.MaxUnavailable)
                {
                    break;
                }
                outdated.Add(pod);
                unavailable += isDown ? 0 : 1;
                if (unavailable >= state.MaxUnavailable)
                {
                    break;
                }
            }
            else if (!state.IsAvailable(pod) && unavailable >= state.MaxUnavailable)
            {
                break;
            }
        }
        return outdated;
    }

    private static StatefulSetStatus StatefulSetStatusOf(StatefulSetState state)
    {
        var set = state.Set;
        var pods = state.Pods;
        var living = pods.Where(pod => !pod.IsTerminating()).ToArray();
        var updated = living.Count(pod => state.RevisionOf(pod) == state.Update);
        var status = set.Status with
        {
            ObservedGeneration = set.Metadata.Generation,
            Replicas = pods.Count,
            ReadyReplicas = pods.Count(IsRunningAndReady),
            AvailableReplicas = pods.Count(pod => state.IsAvailable(pod)),
            CurrentReplicas = living.Count(pod => state.RevisionOf(pod) == state.Current),
            UpdatedReplicas = updated,
            CurrentRevision = state.Current,
            UpdateRevision = state.Update,
        };
        var isDone = !state.IsOnDelete && updated == status.Replicas && status.ReadyReplicas == status.Replicas
            && status.Replicas == (set.Spec.Replicas ?? 1);
        return isDone ? status with { CurrentReplicas = updated, CurrentRevision = state.Update } : status;
    }

    private static bool IsRunningAndReady(Pod pod) => pod.Status.Phase == "Running" && pod.IsReady();
}
