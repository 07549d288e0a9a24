using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Namespaces;

/// <summary>What is left in a namespace after everything in it was deleted once.</summary>
internal sealed record NamespaceContent(
    IReadOnlyList<RemainingContent> Remaining, IReadOnlyList<string> DiscoveryFailures, IReadOnlyList<string> DeletionFailures);

/// <param name="Resource">As in conditions: <c>pods.</c>, <c>deployments.apps</c>.</param>
/// <param name="Finalizers">Each finalizer that holds some of them, with how many.</param>
internal sealed record RemainingContent(string Resource, int Count, IReadOnlyDictionary<string, int> Finalizers, TimeSpan Grace)
{
    public static RemainingContent None(ResourceType<PartialObject> type) => new(Name(type), 0, new Dictionary<string, int>(), default);

    public static RemainingContent Of(ResourceType<PartialObject> type, IReadOnlyList<PartialObject> items)
    {
        var finalizers = items.SelectMany(item => item.Metadata.Finalizers ?? []).CountBy(finalizer => finalizer)
            .ToDictionary(StringComparer.Ordinal);
        var grace = items.Select(item => item.Metadata.DeletionGracePeriodSeconds ?? 0).DefaultIfEmpty().Max();
        return new(Name(type), items.Count, finalizers, TimeSpan.FromSeconds(grace));
    }

    private static string Name(ResourceType<PartialObject> type) => $"{type.Plural}.{type.Group}";
}
