using System.Globalization;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.ReplicaSets;

/// <summary>
/// Which pods go first when there are too many: unassigned, pending, not ready, cheap (<c>pod-deletion-cost</c>), crowded on their
/// node, ready for a short time, often restarted, young. Times are compared by their order of magnitude.
/// </summary>
internal static class DeletionOrder
{
    /// <param name="related">Pods that count as company on a node; the pods themselves where null.</param>
    public static IEnumerable<Pod> Sort(IReadOnlyList<Pod> pods, DateTimeOffset now, IEnumerable<Pod>? related = null)
    {
        var perNode = (related ?? pods).Where(pod => pod.Spec.NodeName is not null).CountBy(pod => pod.Spec.NodeName!).ToDictionary();
        return pods
            .OrderBy(pod => string.IsNullOrEmpty(pod.Spec.NodeName) ? 0 : 1)
            .ThenBy(pod => pod.Status.Phase switch { "Pending" => 0, "Unknown" => 1, _ => 2 })
            .ThenBy(pod => pod.IsReady() ? 1 : 0)
            .ThenBy(Cost)
            .ThenByDescending(pod => pod.Spec.NodeName is { } node ? perNode.GetValueOrDefault(node) : 0)
            .ThenBy(pod => pod.IsReady() ? Magnitude(pod.Condition("Ready")?.LastTransitionTime, now) : 0)
            .ThenByDescending(pod => (pod.Status.ContainerStatuses ?? []).Select(status => status.RestartCount).DefaultIfEmpty().Max())
            .ThenBy(pod => Magnitude(pod.Metadata.CreationTimestamp, now))
            .ThenBy(pod => pod.Metadata.Uid, StringComparer.Ordinal);
    }

    private static int Cost(Pod pod) =>
        pod.Metadata.Annotations is { } annotations
        && annotations.TryGetValue(Labels.PodDeletionCost, out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost)
            ? cost
            : 0;

    private static int Magnitude(DateTimeOffset? since, DateTimeOffset now) =>
        since is { } time && now > time ? (int)Math.Log2((now - time).Ticks) : 0;
}
