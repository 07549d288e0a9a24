using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.ReplicaSets;

namespace Flotilla.ClusterCore.Controllers.DaemonSets;

/// <summary>One daemon on each node that wants one: where to make them, which to delete.</summary>
/// <param name="Failed">Those of the deleted that had failed.</param>
internal sealed record DaemonSetPlan(
    IReadOnlyList<string> CreateOn, IReadOnlyList<Pod> Delete, IReadOnlyList<Pod> Failed, DaemonSetStatus Status, TimeSpan? RequeueAfter)
{
    /// <param name="pods">The set's own pods.</param>
    /// <param name="hash">Of the present template; pods with another are to be updated.</param>
    public static DaemonSetPlan Compute(
        DaemonSet set, PodSpec daemon, IReadOnlyList<Node> nodes, IReadOnlyList<Pod> pods, string hash, DateTimeOffset now)
    {
        var tolerations = DaemonPod.Tolerations(daemon);
        var byNode = pods.Where(pod => DaemonPod.NodeOf(pod) is not null).ToLookup(pod => DaemonPod.NodeOf(pod)!);
        List<string> create = [];
        List<Pod> delete = [], failed = [];
        var fits = nodes.Select(node => (Node: node, Fit: NodeFit.Compute(daemon, node, tolerations))).ToArray();
        foreach (var (node, fit) in fits)
        {
            Place(node.Metadata.Name, fit, [.. byNode[node.Metadata.Name]], hash, SurgeOf(set, fits.Length) > 0, create, delete, failed);
        }
        var wanted = fits.Where(found => found.Fit.ShouldRun).Select(found => found.Node.Metadata.Name).ToArray();
        if (set.Spec.UpdateStrategy?.Type != "OnDelete")
        {
            DaemonUpdate.Compute(set, wanted, byNode, hash, now, create, delete);
        }
        var status = DaemonSetStatusOf(set, fits, byNode, hash, now);
        return set.Metadata.DeletionTimestamp is null
            ? new(create, [.. delete.Distinct()], failed, status, ReplicaSetPlan.NextAvailability(set.Spec.MinReadySeconds, pods, now))
            : new([], [], [], status, null);
    }

    internal static int SurgeOf(DaemonSet set, int nodes) =>
        set.Spec.UpdateStrategy?.RollingUpdate?.MaxSurge?.Scale(nodes, roundUp: true) ?? 0;

    private static void Place(
        string node, NodeFit fit, Pod[] present, string hash, bool surges, List<string> create, List<Pod> delete, List<Pod> failed)
    {
        var living = present.Where(pod => !pod.IsTerminating()).ToArray();
        if (!fit.MayStay)
        {
            delete.AddRange(living);
            return;
        }
        var ended = living.Where(pod => pod.IsFinished()).ToArray();
        delete.AddRange(ended);
        failed.AddRange(ended.Where(pod => pod.Status.Phase == "Failed"));
        var running = living.Where(pod => !pod.IsFinished())
            .OrderBy(pod => string.IsNullOrEmpty(pod.Spec.NodeName)).ThenBy(pod => pod.Metadata.CreationTimestamp).ToArray();
        if (fit.ShouldRun && present.Length == 0)
        {
            create.Add(node);
        }
        // While surging, an old and a new daemon live side by side.
        var groups = surges ? running.GroupBy(pod => DaemonUpdate.IsCurrent(pod, hash)) : running.GroupBy(_ => true);
        delete.AddRange(groups.SelectMany(group => group.Skip(1)));
    }

    private static DaemonSetStatus DaemonSetStatusOf(
        DaemonSet set, (Node Node, NodeFit Fit)[] fits, ILookup<string, Pod> byNode, string hash, DateTimeOffset now)
    {
        int desired = 0, current = 0, misscheduled = 0, ready = 0, available = 0, updated = 0;
        foreach (var (node, fit) in fits)
        {
            // The oldest stands for its node: while one surges beside it, the node is not updated.
            var pod = byNode[node.Metadata.Name].Where(pod => !pod.IsFinished() || !pod.IsTerminating())
                .OrderBy(pod => string.IsNullOrEmpty(pod.Spec.NodeName)).ThenBy(pod => pod.Metadata.CreationTimestamp)
                .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
            if (!fit.ShouldRun)
            {
                misscheduled += pod is null ? 0 : 1;
                continue;
            }
            desired++;
            if (pod is null)
            {
                continue;
            }
            current++;
            ready += pod.IsReady() ? 1 : 0;
            available += pod.IsAvailable(set.Spec.MinReadySeconds, now) ? 1 : 0;
            updated += DaemonUpdate.IsCurrent(pod, hash) ? 1 : 0;
        }
        return set.Status with
        {
            ObservedGeneration = set.Metadata.Generation,
            DesiredNumberScheduled = desired,
            CurrentNumberScheduled = current,
            NumberMisscheduled = misscheduled,
            NumberReady = ready,
            NumberAvailable = available,
            NumberUnavailable = desired - available,
            UpdatedNumberScheduled = updated,
        };
    }
}
