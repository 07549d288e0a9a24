using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>The labels of a request's namespace. The cache may be a moment behind one just made: then the store is asked.</summary>
internal sealed class NamespaceLabels(WatchFeed feed, ObjectStore objects)
{
    public static readonly GroupResource Resource = new("", "namespaces");

    /// <summary>Null when there is no such namespace.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>?> OfAsync(string name, CancellationToken cancellationToken)
    {
        if (feed.Of(Resource).Find("", name) is { } entry) { return entry.Index.Labels; }
        return (await objects.GetAsync(new(Resource, "", name), cancellationToken))?.Parse() is { } stored ? Of(stored) : null;
    }

    public static IReadOnlyDictionary<string, string> Of(JsonObject @namespace) =>
        (@namespace.Metadata()?.Object("labels") ?? []).ToDictionary(label => label.Key, label => label.Value?.ToString() ?? "", StringComparer.Ordinal);
}
