using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Namespaces;

/// <summary>What to tell of a namespace's deletion, and whether it may go.</summary>
internal sealed record NamespacePlan(NamespaceStatus Status, bool Finalize, TimeSpan? RequeueAfter)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>Finalizers take a moment in any namespace.</summary>
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(10);
    private static readonly string[] Reasons = ["NamespaceDeletionDiscoveryFailure", "NamespaceDeletionContentFailure", "NamespaceFinalizersRemaining"];

    /// <summary>What the deletion has waited for so long that its owner should know.</summary>
    public NamespaceCondition? Stuck { get; init; }

    public static NamespacePlan Compute(Namespace ns, NamespaceContent content, DateTimeOffset now)
    {
        var empty = content.Remaining.Count == 0 && content.DiscoveryFailures.Count == 0 && content.DeletionFailures.Count == 0;
        // Pods take their grace period: half of it is upstream's guess of when to look again.
        var grace = content.Remaining.Select(remaining => remaining.Grace / 2).DefaultIfEmpty().Max();
        var conditions = Conditions(ns.Status.Conditions, content, now);
        return new(ns.Status with { Phase = "Terminating", Conditions = conditions }, empty, empty ? null : grace > LookAgain ? grace : LookAgain)
        {
            Stuck = Array.Find(conditions, condition => condition.Status == "True" && Reasons.Contains(condition.Type) && condition.LastTransitionTime + StuckAfter <= now),
        };
    }

    private static NamespaceCondition[] Conditions(NamespaceCondition[]? before, NamespaceContent content, DateTimeOffset now)
    {
        var remaining = content.Remaining.OrderBy(left => left.Resource, StringComparer.Ordinal)
            .Select(left => $"{left.Resource} has {left.Count} resource instances").ToArray();
        var finalizers = content.Remaining.SelectMany(left => left.Finalizers).GroupBy(left => left.Key, left => left.Value)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} in {group.Sum()} resource instances").ToArray();
        NamespaceCondition[] wanted =
        [
            Condition("NamespaceDeletionDiscoveryFailure", content.DiscoveryFailures.Count > 0, "DiscoveryFailed", "ResourcesDiscovered",
                "Discovery failed for some groups, " + string.Join(", ", content.DiscoveryFailures),
                "All resources successfully discovered"),
            Condition("NamespaceDeletionGroupVersionParsingFailure", false, "GroupVersionParsingFailed", "ParsedGroupVersions",
                "", "All legacy kube types successfully parsed"),
            Condition("NamespaceDeletionContentFailure", content.DeletionFailures.Count > 0, "ContentDeletionFailed", "ContentDeleted",
                "Failed to delete all resource types, " + string.Join(", ", content.DeletionFailures),
                "All content successfully deleted, may be waiting on finalization"),
            Condition("NamespaceContentRemaining", remaining.Length > 0, "SomeResourcesRemain", "ContentRemoved",
                "Some resources are remaining: " + string.Join(", ", remaining), "All content successfully removed"),
            Condition("NamespaceFinalizersRemaining", finalizers.Length > 0, "SomeFinalizersRemain", "ContentHasNoFinalizers",
                "Some content in the namespace has finalizers remaining: " + string.Join(", ", finalizers),
                "All content-preserving finalizers finished"),
        ];
        foreach (var condition in wanted)
        {
            var old = Array.Find(before ?? [], known => known.Type == condition.Type);
            condition.LastTransitionTime = old?.Status == condition.Status ? old.LastTransitionTime : now;
        }
        return wanted;
    }

    private static NamespaceCondition Condition(
        string type, bool failing, string failingReason, string fineReason, string failingMessage, string fineMessage) => new()
        {
            Type = type,
            Status = failing ? "True" : "False",
            Reason = failing ? failingReason : fineReason,
            Message = failing ? failingMessage : fineMessage,
        };
}
