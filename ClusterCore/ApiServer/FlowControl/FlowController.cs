using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Bootstrap;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.FlowControl;

/// <summary>Says of each flow schema whether its priority level is there, and makes default objects anew that were deleted.</summary>
internal sealed class FlowController(WatchFeed feed, ObjectStore objects, TimeProvider clock)
{
    private static readonly GroupResource schemas = new(DefaultFlows.Group, "flowschemas");
    private static readonly GroupResource levels = new(DefaultFlows.Group, "prioritylevelconfigurations");

    /// <summary>Until the feed stops.</summary>
    public Task FollowAsync() => Task.WhenAll(feed.FollowAsync(schemas, ReconcileAsync), feed.FollowAsync(levels, ReconcileAsync));

    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        // All at once: the store puts writes that arrive together on disk together.
        await Task.WhenAll(DefaultFlows.All().Select(wanted => EnsureAsync(wanted, cancellationToken)));
        await Task.WhenAll(feed.Of(schemas).List("").Entries.Select(entry => JudgeAsync(entry, cancellationToken)));
    }

    private async Task EnsureAsync(JsonObject wanted, CancellationToken cancellationToken)
    {
        var key = ClusterBootstrap.KeyOf(wanted);
        if (feed.Of(key.Resource).Find("", key.Name) is not null) { return; }
        Preparation.ForCreate(ClusterBootstrap.ResourceOf(wanted), wanted, clock.GetUtcNow());
        _ = await objects.CreateAsync(key, wanted, 0, cancellationToken);
    }

    /// <summary>Lost to a newer version: its event comes right behind, and is looked at again.</summary>
    private async Task JudgeAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        var schema = entry.Parse();
        var level = schema.Spec()?.Object("priorityLevelConfiguration")?.Text("name") ?? "";
        if (FlowSchemaStatus.Compute(schema, level, feed.Of(levels).Find("", level) is not null, clock.GetUtcNow()) is not { } next) { return; }
        _ = await objects.ReplaceAsync(new(schemas, "", entry.Name), next, entry.Revision, 0, cancellationToken);
    }
}
