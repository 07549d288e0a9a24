using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Aggregation;
using Flotilla.ClusterCore.ApiServer.Allocation;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.FlowControl;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>Makes what every cluster has and does not have yet: namespaces, roles, priority classes, flow schemas, the <c>kubernetes</c> Service.</summary>
internal sealed class ClusterBootstrap(
    ApiServerOptions options, ClusterPki pki, ObjectStore objects, ServiceAllocator services, FlowController flows, WatchFeed feed, Readiness readiness, TimeProvider clock)
{
    public async Task RunAsync(int port, CancellationToken cancellationToken)
    {
        var first = FirstObjects.All(options, port, clock.GetUtcNow()).Append(AuthenticationMap.Object(pki));
        try
        {
            // All at once: the store puts writes that arrive together on disk together.
            await Task.WhenAll(first.Select(obj => EnsureAsync(obj, cancellationToken)));
        }
        catch (StatusException refusal)
        {
            throw new IOException($"The cluster's first objects cannot be written: {refusal.Message}", refusal);
        }

        await feed.CatchUpAsync(cancellationToken);
        await services.RepairAsync(feed, cancellationToken);
        await flows.ReconcileAsync(cancellationToken);
        readiness.Set();
    }

    /// <summary>A write that is not made any more means that another server of this cluster was faster.</summary>
    private async Task EnsureAsync(JsonObject obj, CancellationToken cancellationToken)
    {
        var (resource, key) = (ResourceOf(obj), KeyOf(obj));
        if (feed.Of(key.Resource).Find(key.Namespace, key.Name) is not { } found)
        {
            Preparation.ForCreate(resource, obj, clock.GetUtcNow());
            _ = await objects.CreateAsync(key, obj, 0, cancellationToken);
        }
        else if (Reconcile(resource, obj, found) is { } next)
        {
            _ = await objects.ReplaceAsync(key, next, found.Revision, 0, cancellationToken);
        }
    }

    /// <summary>What is there already as this version wants it; null when nothing is to be done.</summary>
    private static JsonObject? Reconcile(ResourceInfo resource, JsonObject wanted, CacheEntry found) => resource.Group switch
    {
        DefaultRoles.Group => RoleReconciliation.Compute(wanted, found.Parse()),
        DefaultFlows.Group => FlowReconciliation.Compute(wanted, found.Parse()),
        LocalApiServices.Group => LocalApiServices.Reconcile(wanted, found.Parse()),
        _ => null,
    };

    internal static StoreKey KeyOf(JsonObject obj) => new(ServedResources.StorageOf(ResourceOf(obj)), ObjectMeta.Namespace(obj), ObjectMeta.Name(obj));

    internal static ResourceInfo ResourceOf(JsonObject obj) =>
        ApiCatalog.Default.ResourceOfKind(ObjectMeta.Text(obj, "apiVersion"), ObjectMeta.Text(obj, "kind"))
        ?? throw new InvalidOperationException($"The catalog has no {obj["kind"]}.");
}
