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
        var unavailable = nodes.Count(node => !byNode[node].Any(pod => !pod.IsTerminating() && pod.IsAvailable(set.Spec.MinReadySeconds, now)));
        var old = nodes.SelectMany(node => byNode[node]).Where(pod => pod.IsActive() && !IsCurrent(pod, hash)).ToArray();
        // What is down already costs nothing to replace.
        var down = old.Where(pod => !pod.IsAvailable(set.Spec.MinReadySeconds, now)).ToArray();
        delete.AddRange(down);
        delete.AddRange(old.Except(down).Take(Math.Max(0, most - unavailable)));
    }

    public static bool IsCurrent(Pod pod, string hash) => pod.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash) == hash;

    private static void Surge(
        DaemonSet set, string[] nodes, ILookup<string, Pod> byNode, string hash, DateTimeOffset now, int surge, List<string> create,
        List<Pod> delete)
    {
        var surging = nodes.Count(node => byNode[node].Any(pod => IsCurrent(pod, hash)) && byNode[node].Any(pod => !IsCurrent(pod, hash)));
        foreach (var node in nodes)
        {
            var old = byNode[node].FirstOrDefault(pod => pod.IsActive() && !IsCurrent(pod, hash));
            var @new = byNode[node].FirstOrDefault(pod => pod.IsActive() && IsCurrent(pod, hash));
            if (old is null)
            {
                continue;
            }
            if (@new is not null && @new.IsAvailable(set.Spec.MinReadySeconds, now))
            {
                delete.Add(old);
            }
            else if (@new is null && (surging < surge || !old.IsAvailable(set.Spec.MinReadySeconds, now)))
            {
                create.Add(node);
                surging++;
            }
        }
    }
}
