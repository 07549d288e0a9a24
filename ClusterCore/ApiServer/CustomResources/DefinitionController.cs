using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Aggregation;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>
/// Follows the custom resource definitions: serves what they define, says so in their status, and empties a definition's
/// storage before it goes.
/// </summary>
internal sealed partial class DefinitionController(
    WatchFeed feed, ObjectStore objects, ServedResources resources, ApiServiceController services, TimeProvider clock, ILogger<DefinitionController> logger)
{
    private const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";
    private static readonly GroupResource definitions = new("apiextensions.k8s.io", "customresourcedefinitions");

    /// <summary>What each definition serves, by its name, as of a revision: one is read once however many change.</summary>
    private Dictionary<string, (long Revision, CustomResource[] Served)> known = new(StringComparer.Ordinal);

    /// <summary>Definitions that did not get their names: they are looked at again whenever others change.</summary>
    private readonly HashSet<string> waiting = new(StringComparer.Ordinal);

    /// <summary>What was written and may not be in the feed yet: of two definitions that want one name, the second must see the first's.</summary>
    private readonly Dictionary<string, StoredObject> written = new(StringComparer.Ordinal);

    /// <summary>Serves what is defined already; then goes on in the background until the feed stops.</summary>
    public Task StartAsync()
    {
        var (watcher, start) = feed.Of(definitions).WatchFromNow(Selection.All, bookmarks: false);
        Serve(start.Entries);
        return RunAsync(watcher, start.Entries);
    }

    /// <summary>Hundreds of large definitions at once may be more than a watcher holds: who is cut off begins anew.</summary>
    private async Task RunAsync(Watcher watcher, CacheEntry[] first)
    {
        try
        {
            while (true)
            {
                using (watcher) { await FollowAsync(watcher, first); }
                if (feed.Stopping.IsCancellationRequested) { return; }
                (watcher, (_, first)) = feed.Of(definitions).WatchFromNow(Selection.All, bookmarks: false);
                Serve(first);
            }
        }
        catch (OperationCanceledException) when (feed.Stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task FollowAsync(Watcher watcher, CacheEntry[] first)
    {
        watcher.StopWith(feed.Stopping);
        foreach (var entry in first) { await ReconcileAsync(entry); }
        await RegisterAsync();
        while (await watcher.WaitAsync())
        {
            var changes = new List<CacheEvent>();
            while (watcher.TryTake(out var item))
            {
                if (item.Event is { } change) { changes.Add(change); }
            }

            Serve(feed.Of(definitions).List("").Entries);
            changes.ForEach(EndOldWatches);
            foreach (var name in changes.Select(change => change.Current?.Name).OfType<string>().Concat(waiting).Distinct(StringComparer.Ordinal).ToArray())
            {
                if (feed.Of(definitions).Find("", name) is { } newest) { await ReconcileAsync(newest); }
            }

            await RegisterAsync();
        }
    }

    private void Serve(CacheEntry[] entries)
    {
        known = entries.ToDictionary(
            entry => entry.Name,
            entry => known.TryGetValue(entry.Name, out var read) && read.Revision == entry.Revision ? read : (entry.Revision, Read(entry.Parse())),
            StringComparer.Ordinal);
        resources.ReplaceCustom(known.Values.SelectMany(static definition => definition.Served));
    }

    private static CustomResource[] Read(JsonObject definition) => IsServed(definition) ? [.. CustomResource.From(definition)] : [];

    /// <summary>Watches show objects by the definition they began with: when it changes, their clients are to come back.</summary>
    private void EndOldWatches(CacheEvent change)
    {
        if (change.Previous?.Parse() is not { } before || JsonNode.DeepEquals(before["spec"], change.Current?.Parse()["spec"])) { return; }
        feed.Of(Resource(before)).StopWatchers();
    }

    private static GroupResource Resource(JsonObject definition) =>
        new(ObjectMeta.Text(definition["spec"], "group"), ObjectMeta.Text(definition["spec"]?["names"], "plural"));

    private static bool IsServed(JsonObject definition) => DefinitionStatus.IsEstablished(definition) && !IsBuiltInGroup(definition);

    private static bool IsBuiltInGroup(JsonObject definition) =>
        ApiCatalog.Default.Resources.Any(resource => resource.Group == ObjectMeta.Text(definition["spec"], "group") && resource.Plural == ObjectMeta.Text(definition["spec"]?["names"], "plural"));

    private async ValueTask ReconcileAsync(CacheEntry entry)
    {
        try
        {
            var definition = entry.Parse();
            if (ObjectMeta.IsDeleting(definition)) { await CleanUpAsync(entry, definition); }
            else { await EstablishAsync(entry, definition); }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(logger, exception, entry.Name);
        }
    }

    private async ValueTask RegisterAsync()
    {
        try
        {
            await services.ReconcileAsync(feed.Stopping);
        }
        catch (Exception exception) when (exception is IOException or StatusException)
        {
            LogNotRegistered(logger, exception);
        }
    }

    private async ValueTask EstablishAsync(CacheEntry entry, JsonObject definition)
    {
        var next = definition.DeepClone().AsObject();
        DefinitionStatus.Set(next, GroupOf(definition), clock.GetUtcNow());
        _ = DefinitionStatus.HasItsNames(next) ? waiting.Remove(entry.Name) : waiting.Add(entry.Name);
        if (!ObjectMeta.Finalizers(next).Contains(Cleanup, StringComparer.Ordinal)) { ObjectMeta.SetFinalizers(next, [.. ObjectMeta.Finalizers(next), Cleanup]); }
        if (!JsonNode.DeepEquals(definition, next)) { await WriteAsync(entry, next); }
    }

    private async ValueTask CleanUpAsync(CacheEntry entry, JsonObject definition)
    {
        if (!ObjectMeta.Finalizers(definition).Contains(Cleanup, StringComparer.Ordinal)) { return; }
        var resource = Resource(definition);
        foreach (var instance in feed.Of(resource).List("").Entries)
        {
            _ = await objects.DeleteAsync(new(resource, instance.Namespace, instance.Name), instance.Revision, feed.Stopping);
        }

        ObjectMeta.SetFinalizers(definition, [.. ObjectMeta.Finalizers(definition).Where(one => one != Cleanup)]);
        if (ObjectMeta.Finalizers(definition).Count > 0) { await WriteAsync(entry, definition); }
        else { _ = await objects.DeleteAsync(KeyOf(entry), entry.Revision, feed.Stopping); }
    }

    /// <summary>Lost to a newer version: its event comes right behind, and is looked at again.</summary>
    private async ValueTask WriteAsync(CacheEntry entry, JsonObject next)
    {
        if (await objects.ReplaceAsync(KeyOf(entry), next, entry.Revision, 0, feed.Stopping) is { } stored) { written[entry.Name] = stored; }
    }

    private IEnumerable<JsonObject> GroupOf(JsonObject definition)
    {
        var group = ObjectMeta.Text(definition["spec"], "group");
        foreach (var entry in feed.Of(definitions).List("").Entries)
        {
            // The name of a definition ends in its group: others are not worth parsing.
            if (!entry.Name.EndsWith(group, StringComparison.Ordinal)) { continue; }
            var isNewer = written.TryGetValue(entry.Name, out var own) && own.Revision > entry.Revision;
            if (!isNewer) { written.Remove(entry.Name); }
            var other = isNewer ? own!.Parse() : entry.Parse();
            if (ObjectMeta.Text(other["spec"], "group") == group) { yield return other; }
        }
    }

    private static StoreKey KeyOf(CacheEntry entry) => new(definitions, "", entry.Name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The custom resource definition {Name} could not be reconciled")]
    private static partial void LogFailed(ILogger logger, Exception exception, string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The APIServices of custom resources could not be written")]
    private static partial void LogNotRegistered(ILogger logger, Exception exception);
}
