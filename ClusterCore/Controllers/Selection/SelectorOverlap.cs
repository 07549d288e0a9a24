using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Selection;

/// <summary>
/// Two workloads of one kind that select each other's pods. Nothing breaks, since each keeps to the pods it owns, but nobody means it:
/// they would both adopt an orphan, and a rollback or a deletion orphans pods into the other's hands.
/// </summary>
internal static class SelectorOverlap
{
    public const string Reason = "SelectorOverlap";

    /// <param name="template">Of the pods of <paramref name="self"/>; of others their own labels stand for it, which are the same by custom.</param>
    public static T? Find<T>(T self, RawJson? template, Func<T, LabelSelectorSpec?> selector, IEnumerable<T> others) where T : KubernetesObject
    {
        var labels = template?.Read(ObjectJson.Default.PodTemplateSpec)?.Metadata.Labels;
        return others.FirstOrDefault(other => other.Metadata.Name != self.Metadata.Name && other.Metadata.DeletionTimestamp is null
            && (selector(other).Matches(labels) || (other.Metadata.Labels is { Count: > 0 } known && selector(self).Matches(known))));
    }

    public static string Message(KubernetesObject self, KubernetesObject other) =>
        $"The selectors of {self.Kind} \"{self.Metadata.Name}\" and {other.Kind} \"{other.Metadata.Name}\" match each other's pods: each keeps those it owns";
}
