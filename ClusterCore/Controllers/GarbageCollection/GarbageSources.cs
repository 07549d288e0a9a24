using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Discovery;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

/// <summary>
/// The metadata of everything that can be deleted. Kinds that some controller follows anyway are heard through its informer; the
/// rest are followed by metadata alone. Events own nothing and live an hour: they are left out.
/// </summary>
internal sealed class GarbageSources(ControllerContext context)
{
    private static readonly HashSet<string> Ignored = ["events", "events.events.k8s.io"];
    private static readonly TimeSpan DoWithoutAfter = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, Func<CancellationToken, Task>> shared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Source> sources = new(StringComparer.Ordinal);
    private Dictionary<(string ApiVersion, string Kind), ResourceType<PartialObject>> kinds = [];

    public event Action<ResourceType<PartialObject>, ObjectMeta, bool>? Changed;

    /// <summary>Hears of a kind through an informer that is there for other reasons.</summary>
    public void Share<T>(ResourceType<T> type, InformerOptions<T>? options = null) where T : KubernetesObject
    {
        var metadata = ResourceType.Metadata(type.Group, type.Version, type.Plural, type.Kind, type.Namespaced);
        var informer = context.Informers.Get(type, options);
        shared.Add(Name(metadata), stop =>
        {
            informer.AddHandler(change => Tell(metadata, change));
            return informer.WaitForSyncAsync(stop);
        });
    }

    public ResourceType<PartialObject>? Resolve(OwnerReference reference) => kinds.GetValueOrDefault((reference.ApiVersion, reference.Kind))
        // An owner may be named by another version of its group than the one that is followed.
        ?? kinds.FirstOrDefault(kind => kind.Key.Kind == reference.Kind && Group(kind.Key.ApiVersion) == Group(reference.ApiVersion)).Value;

    /// <summary>Follows what the server serves now: new kinds join, kinds that are gone leave.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var api = await ApiDiscovery.ReadAsync(context.Client, cancellationToken);
        var followed = api.Resources.Where(found => found.Can("list", "watch", "delete") && !Ignored.Contains(Name(found.Type)))
            .Select(found => found.Type).ToArray();
        kinds = followed.GroupBy(type => (type.ApiVersion, type.Kind)).ToDictionary(group => group.Key, group => group.First());
        foreach (var type in followed.Where(type => !sources.ContainsKey(Name(type))))
        {
            sources[Name(type)] = Start(type, cancellationToken);
        }
        var served = followed.Select(Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, gone) in sources.Where(source => !served.Contains(source.Key)).ToArray())
        {
            sources.Remove(name);
            await gone.Stop.CancelAsync();
        }
        var synced = Task.WhenAll(sources.Values.Select(source => source.Synced));
        // What it is forbidden to read it can neither collect nor wait for; an owner that it does not know it asks the server about.
        await Task.WhenAny(synced, Task.Delay(DoWithoutAfter, context.Clock, cancellationToken));
    }

    private Source Start(ResourceType<PartialObject> type, CancellationToken cancellationToken)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (shared.TryGetValue(Name(type), out var subscribe))
        {
            return new(stop, subscribe(stop.Token));
        }
        var informer = new Informer<PartialObject>(context.Client, type, new() { Transform = Trim }, context.Clock);
        informer.AddHandler(change => Tell(type, change));
        _ = informer.RunAsync(stop.Token);
        return new(stop, informer.WaitForSyncAsync(stop.Token));
    }

    private void Tell<T>(ResourceType<PartialObject> type, InformerChange<T> change) where T : KubernetesObject
    {
        if (change is { Old: { } old, New: { } @new } && old.Metadata.Uid != @new.Metadata.Uid)
        {
            // Deleted and made again while nobody was listening.
            Changed?.Invoke(type, old.Metadata, true);
        }
        Changed?.Invoke(type, change.Object.Metadata, change.IsDeleted);
    }

    private static PartialObject Trim(PartialObject value) => new()
    {
        Metadata = new()
        {
            Name = value.Metadata.Name,
            Namespace = value.Metadata.Namespace,
            Uid = value.Metadata.Uid,
            ResourceVersion = value.Metadata.ResourceVersion,
            DeletionTimestamp = value.Metadata.DeletionTimestamp,
            OwnerReferences = value.Metadata.OwnerReferences,
            Finalizers = value.Metadata.Finalizers,
        },
    };

    private static string Name(ResourceType<PartialObject> type) => type.Group.Length == 0 ? type.Plural : $"{type.Plural}.{type.Group}";

    private static string Group(string apiVersion) =>
        apiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and > 0 ? apiVersion[..slash] : "";

    private sealed record Source(CancellationTokenSource Stop, Task Synced);
}
