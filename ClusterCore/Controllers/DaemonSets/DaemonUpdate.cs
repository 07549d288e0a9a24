using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.DaemonSets;

/// <summary>Rolling update: old daemons go as unavailability allows, or after a new one stands beside them where surge allows.</summary>
internal static class DaemonUpdate
{
    public static void Compute(
        DaemonSet set, string[] nodes, ILookup<string, Pod> byNode, string hash, DateTimeOffset now, List<string> create, List<Pod> delete)
    {
        var surge = DaemonSetPlan.SurgeOf(set, nodes.Length);
        if (surge > 0)
        {
            Surge(set, nodes, byNode, hash, now, surge, create, delete);
            return;
        }
        var most = set.Spec.UpdateStrategy?.RollingUpdate?.MaxUnavailable?.Scale(nodes.Length, roundUp: true) ?? 1;
        var unavailable = 0;
        List<Pod> candidates = [];
        foreach (var node in nodes)
        {
            var (old, @new) = On(byNode[node], hash);
            if (old is null == @new is null || (@new is not null && !@new.IsAvailable(set.Spec.MinReadySeconds, now)))
            {
                unavailable++;
            }
            else if (old is not null)
            {
                // What is down already costs nothing to replace, and is in no count.
                (old.IsAvailable(set.Spec.MinReadySeconds, now) ? candidates : delete).Add(old);
            }
        }
        delete.AddRange(candidates.Take(Math.Max(0, most - unavailable)));
    }

    private static (Pod? Old, Pod? New) On(IEnumerable<Pod> pods, string hash)
    {
        var active = pods.Where(pod => pod.IsActive()).ToArray();
        return (Array.Find(active, pod => !IsCurrent(pod, hash)), Array.Find(active, pod => IsCurrent(pod, hash)));
    }

    public static bool IsCurrent(Pod pod, string hash) => pod.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash) == hash;

    private static void Surge(
        DaemonSet set, string[] nodes, ILookup<string, Pod> byNode, string hash, DateTimeOffset now, int surge, List<string> create,
        List<Pod> delete)
    {
        var surging = 0;
        List<string> candidates = [];
        foreach (var node in nodes)
        {
            var (old, @new) = On(byNode[node], hash);
            if (old is null)
            {
                continue;
            }
            if (@new is null)
            {
                (old.IsAvailable(set.Spec.MinReadySeconds, now) ? candidates : create).Add(node);
            }
            else if (@new.IsAvailable(set.Spec.MinReadySeconds, now))
            {
                delete.Add(old);
            }
            else
            {
                surging++;
            }
        }
        create.AddRange(candidates.Take(Math.Max(0, surge - surging)));
    }
}
