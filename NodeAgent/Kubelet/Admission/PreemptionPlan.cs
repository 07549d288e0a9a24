using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Qos;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>How much of a resource has to become free.</summary>
internal readonly record struct Shortage(string Resource, long Amount)
{
    public override string ToString() => $"(res: {Resource}, q: {Amount}), ";
}

/// <summary>
/// Who makes way for a critical pod, as upstream chooses: as little as possible of the guaranteed pods, then of the burstable ones, then of
/// those that asked for nothing; within a class as few as possible, then the smaller ones.
/// </summary>
/// <param name="Unmet">What would still be missing if all left that may be asked to; then nobody leaves.</param>
internal sealed record PreemptionPlan(IReadOnlyList<Pod> Victims, IReadOnlyList<Shortage> Unmet)
{
    public static PreemptionPlan Compute(Pod pod, IEnumerable<Pod> others, IReadOnlyList<Shortage> missing)
    {
        var classes = others.Where(other => PodImportance.GoesBefore(pod, other)).ToLookup(other => PodQos.ClassOf(other.Spec));
        Pod[] bestEffort = [.. classes[PodQos.BestEffort]], burstable = [.. classes[PodQos.Burstable]], guaranteed = [.. classes[PodQos.Guaranteed]];
        var unmet = Without(missing, [.. bestEffort, .. burstable, .. guaranteed]);
        if (unmet.Count > 0)
        {
            return new([], unmet);
        }

        // Each class gives what all of the lesser ones together could not, beside what was taken of the better ones.
        var fromGuaranteed = Fewest(guaranteed, Without(missing, [.. bestEffort, .. burstable]));
        var fromBurstable = Fewest(burstable, Without(missing, [.. bestEffort, .. fromGuaranteed]));
        var fromBestEffort = Fewest(bestEffort, Without(missing, [.. fromBurstable, .. fromGuaranteed]));
        return new([.. fromBestEffort, .. fromBurstable, .. fromGuaranteed], []);
    }

    private static List<Pod> Fewest(IEnumerable<Pod> pods, IReadOnlyList<Shortage> missing)
    {
        var (left, chosen) = (pods.ToList(), new List<Pod>());
        while (missing.Count > 0)
        {
            var next = left.MinBy(pod => (Distance(pod, missing), PodRequests.Of(pod.Spec, PodRequests.Memory), PodRequests.Of(pod.Spec, PodRequests.Cpu)))!;
            left.Remove(next);
            chosen.Add(next);
            missing = Without(missing, [next]);
        }

        return chosen;
    }

    /// <summary>0 where the pod alone is enough; every resource of which it has nothing counts 1.</summary>
    private static double Distance(Pod pod, IReadOnlyList<Shortage> missing) => missing.Sum(each =>
    {
        var rest = each.Amount - PodRequests.Of(pod.Spec, each.Resource);
        return rest > 0 ? Math.Pow((double)rest / each.Amount, 2) : 0;
    });

    private static List<Shortage> Without(IReadOnlyList<Shortage> missing, IReadOnlyList<Pod> leaving) =>
        [.. missing.Select(each => each with { Amount = each.Amount - leaving.Sum(pod => PodRequests.Of(pod.Spec, each.Resource)) }).Where(each => each.Amount > 0)];
}
