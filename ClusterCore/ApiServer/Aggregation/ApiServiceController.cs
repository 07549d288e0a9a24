using Flotilla.ClusterCore.ApiServer.Bootstrap;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Aggregation;

/// <summary>
/// Keeps one APIService for each group and version of custom resources while they are served, and takes those away that the
/// server made and nothing stands behind any more. What somebody else made under such a name stays.
/// </summary>
internal sealed class ApiServiceController(WatchFeed feed, ObjectStore objects, ServedResources resources, TimeProvider clock)
{
    private static readonly GroupResource services = new(LocalApiServices.Group, "apiservices");
    private static readonly HashSet<string> builtIn = new(LocalApiServices.BuiltIn().Select(static obj => obj.Name()), StringComparer.Ordinal);

    /// <summary>Until the feed stops.</summary>
    public Task FollowAsync() => feed.FollowAsync(services, ReconcileAsync);

    /// <summary>Called again for every change of an APIService, and by who serves other custom resources than before.</summary>
    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        // In this order: what is listed has been served, so that it is only taken away when it is no longer.
        var managed = feed.Of(services).List("").Entries.Where(static entry => entry.Index.Labels.ContainsKey(LocalApiServices.Automanaged)).ToArray();
        var served = resources.Custom.Select(static one => (one.Info.Group, one.Info.Version)).Distinct().ToDictionary(static one => LocalApiServices.NameOf(one.Group, one.Version));
        await Task.WhenAll(
            [.. served.Values.Select(one => EnsureAsync(one.Group, one.Version, cancellationToken)),
             .. managed.Where(entry => !builtIn.Contains(entry.Name) && !served.ContainsKey(entry.Name)).Select(entry => DeleteAsync(entry, cancellationToken))]);
    }

    /// <summary>A custom resource in a group that is built in, as some operators have it, is served under that group's APIService.</summary>
    private async Task EnsureAsync(string group, string version, CancellationToken cancellationToken)
    {
        var wanted = LocalApiServices.Custom(group, version);
        if (builtIn.Contains(wanted.Name())) { return; }
        var key = ClusterBootstrap.KeyOf(wanted);
        if (feed.Of(services).Find("", key.Name) is not { } found)
        {
            Preparation.ForCreate(ClusterBootstrap.ResourceOf(wanted), wanted, clock.GetUtcNow());
            _ = await objects.CreateAsync(key, wanted, 0, cancellationToken);
        }
        else if (LocalApiServices.Reconcile(wanted, found.Parse()) is { } next)
        {
            _ = await objects.ReplaceAsync(key, next, found.Revision, 0, cancellationToken);
        }
    }

    private async Task DeleteAsync(CacheEntry entry, CancellationToken cancellationToken) =>
        _ = await objects.DeleteAsync(new(services, "", entry.Name), entry.Revision, cancellationToken);
}
