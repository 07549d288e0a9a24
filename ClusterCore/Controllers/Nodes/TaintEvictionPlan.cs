using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>Whether, and when, a pod must leave a node for the node's <c>NoExecute</c> taints.</summary>
internal readonly record struct TaintEvictionPlan(DateTimeOffset? DeleteAt)
{
    public static TaintEvictionPlan Compute(IReadOnlyList<Taint> taints, Toleration[]? tolerations, DateTimeOffset now)
    {
        DateTimeOffset? deleteAt = null;
        foreach (var taint in taints.Where(taint => taint.Effect == NodeTaints.NoExecute))
        {
            var tolerating = Array.FindAll(tolerations ?? [], toleration => Tolerates(toleration, taint));
            if (tolerating.Length == 0)
            {
                return new(now);
            }
            var limits = tolerating.Where(toleration => toleration.TolerationSeconds is not null)
                .Select(toleration => Math.Max(0, toleration.TolerationSeconds!.Value)).ToArray();
            if (limits.Length > 0)
            {
                var until = (taint.TimeAdded ?? now).AddSeconds(limits.Min());
                deleteAt = deleteAt is null || until < deleteAt ? until : deleteAt;
            }
        }
        return new(deleteAt);
    }

    internal static bool Tolerates(Toleration toleration, Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (toleration.Operator == "Exists"
            ? string.IsNullOrEmpty(toleration.Key) || toleration.Key == taint.Key
            : toleration.Key == taint.Key && (toleration.Value ?? "") == (taint.Value ?? ""));
}
