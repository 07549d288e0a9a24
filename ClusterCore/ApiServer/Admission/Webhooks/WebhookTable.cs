using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>The webhooks of all configurations of one kind, by the configurations' names; read anew when one changes.</summary>
internal sealed class WebhookTable(WatchFeed feed, string configurations)
{
    private readonly GroupResource resource = new("admissionregistration.k8s.io", configurations);
    private Table table = new(-1, []);

    public IReadOnlyList<Webhook> All
    {
        get
        {
            var cache = feed.Of(resource);
            var version = cache.Version;
            // Two requests that find it old both read it: the result is the same.
            if (table.Version != version) { table = new(version, [.. cache.List("").Entries.SelectMany(Read)]); }
            return table.Webhooks;
        }
    }

    private static IEnumerable<Webhook> Read(CacheEntry entry) =>
        entry.Parse().Items("webhooks").Select((JsonObject webhook, int index) => Webhook.Read(entry.Name, index, webhook));

    private sealed record Table(long Version, IReadOnlyList<Webhook> Webhooks);
}
