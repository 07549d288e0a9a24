using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

/// <summary>
/// Who owns whom, by UID. Each change names the nodes that have to be looked at because of it. Callers hold <see cref="Gate"/> while
/// they read nodes.
/// </summary>
internal sealed class GarbageGraph
{
    /// <summary>Longer circles are not looked for: nobody writes them by mistake.</summary>
    private const int LongestCycle = 4;
    private readonly Dictionary<string, GarbageNode> nodes = new(StringComparer.Ordinal);

    public Lock Gate { get; } = new();

    public GarbageNode? Find(string uid)
    {
        lock (Gate)
        {
            return nodes.GetValueOrDefault(uid);
        }
    }

    /// <summary>An object was made or changed.</summary>
    /// <param name="resolve">Where a kind is served; null for one that is not.</param>
    /// <returns>UIDs to look at.</returns>
    public IReadOnlyList<string> Put(
        ResourceType<PartialObject> type, ObjectMeta metadata, Func<OwnerReference, ResourceType<PartialObject>?> resolve)
    {
        lock (Gate)
        {
            var look = new List<string>();
            var node = Node(metadata.Uid ?? "");
            var wasVirtual = node.IsVirtual;
            var wasDeleted = node.IsBeingDeleted;
            var before = node.Owners;
            node.IsVirtual = false;
            node.Type = type;
            node.Key = new(metadata.Namespace, metadata.Name);
            node.Owners = metadata.OwnerReferences ?? [];
            node.Finalizers = metadata.Finalizers ?? [];
            node.ResourceVersion = metadata.ResourceVersion;
            node.IsBeingDeleted = metadata.DeletionTimestamp is not null;
            Unlink(node, before, look);
            Link(node, resolve, look);
            if (node.IsBeingDeleted && (!wasDeleted || wasVirtual) && (node.WaitsForDependents || node.Orphans))
            {
                look.AddRange(node.Dependents.Select(dependent => dependent.Uid));
                look.Add(node.Uid);
            }
            else if ((wasDeleted && (node.WaitsForDependents || node.Orphans)) || (node.Owners != before && OwnsItselfThrough(node) is not null))
            {
                look.Add(node.Uid);
            }
            return look;
        }
    }

    /// <summary>An object is gone: its dependents may be garbage now, and an owner that waited for it may go.</summary>
    public IReadOnlyList<string> Remove(string uid)
    {
        lock (Gate)
        {
            if (!nodes.Remove(uid, out var node))
            {
                return [];
            }
            var look = new List<string>();
            var owners = node.Owners;
            node.Owners = [];
            Unlink(node, owners, look);
            look.AddRange(node.Dependents.Select(dependent => dependent.Uid));
            return look;
        }
    }

    /// <returns>The owner that leads back to the node; null where none does.</returns>
    public GarbageNode? OwnsItselfThrough(GarbageNode node)
    {
        lock (Gate)
        {
            return node.Owners.Select(reference => nodes.GetValueOrDefault(reference.Uid))
                .FirstOrDefault(owner => owner is { IsVirtual: false } && Leads(owner, node, LongestCycle));
        }
    }

    private bool Leads(GarbageNode from, GarbageNode to, int steps) =>
        from == to || (steps > 0 && from.Owners.Any(reference => nodes.TryGetValue(reference.Uid, out var next) && Leads(next, to, steps - 1)));

    public int Count
    {
        get
        {
            lock (Gate)
            {
                return nodes.Count;
            }
        }
    }

    private void Link(GarbageNode node, Func<OwnerReference, ResourceType<PartialObject>?> resolve, List<string> look)
    {
        foreach (var reference in node.Owners)
        {
            var isNew = !nodes.TryGetValue(reference.Uid, out var owner);
            owner ??= Node(reference.Uid);
            if (isNew)
            {
                // Not seen yet, or never there: looking at it asks the server.
                owner.Type = resolve(reference);
                owner.Key = new(owner.Type is { Namespaced: true } ? node.Key.Namespace : null, reference.Name);
                look.Add(owner.Uid);
            }
            if (owner.Dependents.Add(node) && (owner.WaitsForDependents || !owner.IsMeantBy(reference, node)))
            {
                look.Add(node.Uid);
            }
        }
    }

    private void Unlink(GarbageNode node, OwnerReference[] before, List<string> look)
    {
        foreach (var reference in before)
        {
            if (!nodes.TryGetValue(reference.Uid, out var owner))
            {
                continue;
            }
            if (!Array.Exists(node.Owners, kept => kept.Uid == reference.Uid))
            {
                owner.Dependents.Remove(node);
            }
            if (owner.WaitsForDependents)
            {
                look.Add(owner.Uid);
            }
            if (owner is { IsVirtual: true, Dependents.Count: 0 })
            {
                nodes.Remove(owner.Uid);
            }
        }
    }

    private GarbageNode Node(string uid)
    {
        if (!nodes.TryGetValue(uid, out var node))
        {
            nodes[uid] = node = new(uid);
        }
        return node;
    }
}
