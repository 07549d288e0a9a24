using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>
/// What a controller did that its informer has not shown it yet. Until it has, the cache is out of date and deciding from it would
/// do things twice. Given up after five minutes: an event may have been missed.
/// </summary>
internal sealed class Expectations(TimeProvider clock)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private readonly Lock gate = new();
    private readonly Dictionary<NamespacedName, Expected> expected = [];

    public bool Satisfied(NamespacedName key)
    {
        lock (gate)
        {
            if (!expected.TryGetValue(key, out var waiting))
            {
                return true;
            }
            if (waiting is { Creations: <= 0, Deletions.Count: 0 } || clock.GetElapsedTime(waiting.Since) > Limit)
            {
                expected.Remove(key);
                return true;
            }
            return false;
        }
    }

    public void ExpectCreations(NamespacedName key, int count)
    {
        lock (gate)
        {
            Of(key).Creations += count;
        }
    }

    public void ExpectDeletion(NamespacedName key, string podUid)
    {
        lock (gate)
        {
            Of(key).Deletions.Add(podUid);
        }
    }

    /// <summary>Sees what changes of pods show of their controlling owner of that kind. Before whoever acts on the same changes.</summary>
    public void Watch(Informer<Pod> pods, string ownerKind) => pods.AddHandler(change =>
    {
        if (change.Object.ControllerOwner() is { } owner && owner.Kind == ownerKind) { See(new(change.Key.Namespace, owner.Name), change); }
    });

    /// <summary>What a change of one of the key's pods shows.</summary>
    public void See(NamespacedName key, InformerChange<Pod> change)
    {
        if (change.IsAdded)
        {
            CreationSeen(key);
        }
        if (change.IsDeleted || change.Object.IsTerminating())
        {
            DeletionSeen(key, change.Object.Metadata.Uid);
        }
    }

    public void CreationSeen(NamespacedName key) => CreationsFailed(key, 1);

    public void CreationsFailed(NamespacedName key, int count)
    {
        lock (gate)
        {
            if (expected.TryGetValue(key, out var waiting))
            {
                waiting.Creations -= count;
            }
        }
    }

    /// <summary>The pod is gone, is going, or could not be deleted.</summary>
    public void DeletionSeen(NamespacedName key, string? podUid)
    {
        lock (gate)
        {
            if (podUid is not null && expected.TryGetValue(key, out var waiting))
            {
                waiting.Deletions.Remove(podUid);
            }
        }
    }

    public void Forget(NamespacedName key)
    {
        lock (gate)
        {
            expected.Remove(key);
        }
    }

    private Expected Of(NamespacedName key)
    {
        if (!expected.TryGetValue(key, out var waiting))
        {
            expected[key] = waiting = new();
        }
        waiting.Since = clock.GetTimestamp();
        return waiting;
    }

    private sealed class Expected
    {
        public int Creations { get; set; }
        public HashSet<string> Deletions { get; } = [];
        public long Since { get; set; }
    }
}
