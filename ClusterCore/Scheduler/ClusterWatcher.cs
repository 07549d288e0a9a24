using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Queue;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>Turns what informers tell into changes of the queue and of the cluster's state. Its handlers run on the loop.</summary>
internal sealed class ClusterWatcher(ClusterState state, SchedulingQueue queue, IReadOnlySet<string> schedulerNames, SchedulerInbox inbox)
{
    // Parsed on the informer's thread, so that the loop need not.
    public void OnPod(InformerChange<Pod> change)
    {
        // Deleted and made anew while the watch was interrupted.
        if (change.Old is { } old && old.Metadata.Uid != change.Object.Metadata.Uid) { inbox.Post(() => Remove(PodInfo.From(old))); }
        var pod = PodInfo.From(change.Object);
        if (change.IsDeleted || IsOver(change.Object)) { inbox.Post(() => Remove(pod)); }
        else { inbox.Post(() => Set(pod)); }
    }

    public void OnNode(InformerChange<Node> change) => inbox.Post(() =>
    {
        if (change.New is not { } node) { state.RemoveNode(change.Key.Name); queue.Notify(new(EventResource.Node, EventActions.Delete)); return; }
        var info = state.SetNode(node);
        var actions = ClusterEvents.OfNode(change.Old, node);
        if (actions != 0) { queue.Notify(new(EventResource.Node, actions) { Node = info }); }
    });

    public void OnNamespace(InformerChange<Namespace> change) => inbox.Post(() =>
    {
        if (change.IsDeleted) { return; }
        // Pods of a new one may have been seen before it.
        state.Snapshot.Selections.ForgetNamespaces();
        queue.Notify(new(EventResource.Namespace, EventActions.Update));
    });

    /// <summary>A change of a kind that waiting pods may wait for, without more to it.</summary>
    public Action<InformerChange<T>> On<T>(EventResource resource)
        where T : KubernetesObject => change => inbox.Post(() =>
            queue.Notify(new(resource, change.IsAdded ? EventActions.Add : change.IsDeleted ? EventActions.Delete : EventActions.Update) { Object = change.Object }));

    private void Set(PodInfo pod)
    {
        if (pod.NodeName.Length > 0) { SetAssigned(pod); return; }
        // On its way out before it had a node: it needs none.
        if (!schedulerNames.Contains(pod.SchedulerName) || pod.Terminating)
        {
            queue.Remove(pod.Uid);
            state.Snapshot.Nominations.Remove(pod.Uid);
            return;
        }
        var old = queue.Find(pod.Uid)?.Pod;
        if (state.IsAssumed(pod.Uid))
        {
            // Should the binding fail, the pod comes back as it is by then.
            if (old is not null) { queue.Update(pod, default); }
            return;
        }
        queue.Update(pod, old is null ? default : ClusterEvents.OfPod(old, pod));
        FollowNomination(old, pod);
    }

    // What the API has not changed says nothing: the scheduler's own promises may be on their way there.
    private void FollowNomination(PodInfo? old, PodInfo pod)
    {
        if (pod.NominatedNodeName == (old?.NominatedNodeName ?? "")) { return; }
        if (pod.NominatedNodeName.Length > 0) { state.Snapshot.Nominations.Set(pod, pod.NominatedNodeName); }
        else { state.Snapshot.Nominations.Remove(pod.Uid); }
    }

    private void SetAssigned(PodInfo pod)
    {
        queue.Remove(pod.Uid);
        state.Snapshot.Nominations.Remove(pod.Uid);
        var old = state.FindPod(pod.Uid);
        var confirmed = !state.IsAssumed(pod.Uid);
        if (confirmed && old is not null && ClusterEvents.SamePlacement(old, pod)) { return; }
        state.SetPod(pod);
        var actions = confirmed && old is not null ? ClusterEvents.OfPod(old, pod) : EventActions.Add;
        if (actions != 0) { queue.Notify(new(EventResource.AssignedPod, actions) { OldPod = old, Pod = pod }); }
    }

    private void Remove(PodInfo pod)
    {
        queue.Remove(pod.Uid);
        state.Snapshot.Nominations.Remove(pod.Uid);
        var placed = state.FindPod(pod.Uid);
        if (!state.RemovePod(pod.Uid)) { return; }
        queue.Notify(new(EventResource.AssignedPod, EventActions.Delete) { OldPod = placed });
    }

    private static bool IsOver(Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";
}
