using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

/// <summary>Deletes what has lost all its owners, and carries out foreground and orphaning deletions. Keys are UIDs.</summary>
internal sealed class GarbageCollector : ReconcilingController
{
    private const string CustomResourceDefinitions = "customresourcedefinitions";

    /// <summary>Not a UID: asks to look anew at what the server serves.</summary>
    private static readonly NamespacedName Refresh = new("", "refresh");
    private readonly GarbageGraph graph = new();
    private readonly GarbageSources sources;
    private readonly AbsentOwners absent = new();
    private readonly EventRecorder recorder;

    public GarbageCollector(ControllerContext context) : base("garbage-collector-controller", context, workers: 10)
    {
        recorder = context.Recorder(Name);
        sources = new(context);
        sources.Changed += See;
        foreach (var share in SharedKinds.All)
        {
            share(sources);
        }
    }

    public override bool ReadsWhatItCan => true;

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        // Decisions need the whole graph: nothing is looked at before every kind has been listed that may be.
        await sources.RefreshAsync(cancellationToken);
        await base.RunAsync(cancellationToken);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (key == Refresh)
        {
            await sources.RefreshAsync(cancellationToken);
            return ReconcileResult.Done;
        }
        if (graph.Find(key.Name) is not { } node)
        {
            return ReconcileResult.Done;
        }
        if (node.IsVirtual)
        {
            await VerifyAsync(node, cancellationToken);
        }
        else if (node.Orphans)
        {
            await OrphanDependentsAsync(node, cancellationToken);
        }
        else if (node.WaitsForDependents)
        {
            await AwaitDependentsAsync(node, cancellationToken);
        }
        else if (!node.IsBeingDeleted)
        {
            await CollectAsync(node, cancellationToken);
        }
        return ReconcileResult.Done;
    }

    /// <summary>An owner known only by name: if it is not there, its dependents are looked at.</summary>
    private async Task VerifyAsync(GarbageNode node, CancellationToken cancellationToken)
    {
        if (node.Type is null || await ExistsAsync(node.Type, node.Key, node.Uid, cancellationToken))
        {
            return;
        }
        absent.Add(node.Uid, node.Key.Namespace);
        Look(graph.Remove(node.Uid));
    }

    private async Task CollectAsync(GarbageNode node, CancellationToken cancellationToken)
    {
        if (graph.OwnsItselfThrough(node) is { } circle)
        {
            Warn(node, "OwnerReferenceCycle", $"{node.Key} owns itself through {circle.Key}: neither will ever be collected");
        }
        var owners = new List<(OwnerReference, OwnerState)>();
        foreach (var reference in node.Owners)
        {
            owners.Add((reference, await StateAsync(node, reference, cancellationToken)));
        }
        GarbagePlan plan;
        lock (graph.Gate)
        {
            plan = GarbagePlan.Compute(node, owners);
        }
        if (plan.KeepOwners is { } kept)
        {
            await WriteOwnersAsync(node, kept, cancellationToken);
        }
        foreach (var dependent in plan.Unblock)
        {
            var unblocked = dependent.Owners.Select(owner => owner.Uid == node.Uid ? owner with { BlockOwnerDeletion = false } : owner);
            await WriteOwnersAsync(dependent, [.. unblocked], cancellationToken);
        }
        if (plan.DeleteWith is { } policy)
        {
            await DeleteAsync(node, policy, cancellationToken);
        }
    }

    private async Task<OwnerState> StateAsync(GarbageNode node, OwnerReference reference, CancellationToken cancellationToken)
    {
        if (graph.Find(reference.Uid) is { IsVirtual: false } owner)
        {
            if (owner.IsMeantBy(reference, node))
            {
                return owner.WaitsForDependents ? OwnerState.Waiting : OwnerState.Solid;
            }
            if (owner.Key.Namespace != node.Key.Namespace)
            {
                Warn(node, "OwnerRefInvalidNamespace",
                    $"ownerRef [{reference.ApiVersion}/{reference.Kind}, namespace: {node.Key.Namespace}, name: {reference.Name}, uid: {reference.Uid}] does not exist in namespace \"{node.Key.Namespace}\"");
            }
        }
        if (absent.Contains(reference.Uid, node.Key.Namespace))
        {
            return OwnerState.Dangling;
        }
        var type = sources.Resolve(reference);
        if (type is null || (type.Namespaced && node.Key.Namespace is null))
        {
            // Nothing can be said of a kind that is not served: what it may own is kept.
            return OwnerState.Solid;
        }
        var key = new NamespacedName(type.Namespaced ? node.Key.Namespace : null, reference.Name);
        if (await ExistsAsync(type, key, reference.Uid, cancellationToken))
        {
            return OwnerState.Solid;
        }
        absent.Add(reference.Uid, node.Key.Namespace);
        return OwnerState.Dangling;
    }

    private async Task<bool> ExistsAsync(
        ResourceType<PartialObject> type, NamespacedName key, string uid, CancellationToken cancellationToken)
    {
        var found = await Client.GetAsync(type, key.Namespace, key.Name, cancellationToken);
        return found.IsNotFound ? false : found.OrThrow().Metadata.Uid == uid;
    }

    private async Task AwaitDependentsAsync(GarbageNode node, CancellationToken cancellationToken)
    {
        string[] blocking;
        lock (graph.Gate)
        {
            blocking = [.. node.Dependents.Where(dependent => dependent.Blocks(node)).Select(dependent => dependent.Uid)];
        }
        if (blocking.Length > 0)
        {
            Look(blocking.Where(uid => graph.Find(uid) is { WaitsForDependents: false, IsBeingDeleted: false }));
            return;
        }
        await RemoveFinalizerAsync(node, GarbageFinalizer.Foreground, cancellationToken);
    }

    private async Task OrphanDependentsAsync(GarbageNode node, CancellationToken cancellationToken)
    {
        GarbageNode[] dependents;
        lock (graph.Gate)
        {
            dependents = [.. node.Dependents];
        }
        foreach (var dependent in dependents)
        {
            await WriteOwnersAsync(dependent, [.. dependent.Owners.Where(owner => owner.Uid != node.Uid)], cancellationToken);
        }
        await RemoveFinalizerAsync(node, GarbageFinalizer.Orphan, cancellationToken);
    }

    private Task WriteOwnersAsync(GarbageNode node, OwnerReference[] owners, CancellationToken cancellationToken)
    {
        var list = owners.Select(owner => JsonSerializer.SerializeToNode(owner, ObjectJson.Default.OwnerReference)).ToArray();
        return PatchAsync(node, "ownerReferences", list.Length == 0 ? null : new JsonArray(list), cancellationToken);
    }

    private Task RemoveFinalizerAsync(GarbageNode node, string finalizer, CancellationToken cancellationToken)
    {
        var kept = node.Finalizers.Where(known => known != finalizer).Select(known => (JsonNode?)known).ToArray();
        return PatchAsync(node, "finalizers", kept.Length == 0 ? null : new JsonArray(kept), cancellationToken);
    }

    /// <summary>Only onto the version that was decided about; a newer one is on its way here and decided about again.</summary>
    private async Task PatchAsync(GarbageNode node, string field, JsonArray? value, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject { ["uid"] = node.Uid, ["resourceVersion"] = node.ResourceVersion, [field] = value };
        var patch = Patch.Merge(new JsonObject { ["metadata"] = metadata });
        var patched = await Client.PatchAsync(node.Type!, node.Key.Namespace, node.Key.Name, patch, cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
    }

    private async Task DeleteAsync(GarbageNode node, string policy, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions
        {
            PropagationPolicy = policy,
            PreconditionUid = node.Uid,
            PreconditionResourceVersion = node.ResourceVersion,
        };
        var deleted = await Client.DeleteAsync(node.Type!, node.Key.Namespace, node.Key.Name, cancellationToken, options);
        if (!deleted.IsNotFound)
        {
            deleted.OrThrow();
        }
    }

    private void Warn(GarbageNode node, string reason, string message)
    {
        var about = new ObjectReference
        {
            ApiVersion = node.Type!.ApiVersion,
            Kind = node.Type.Kind,
            Namespace = node.Key.Namespace,
            Name = node.Key.Name,
            Uid = node.Uid,
        };
        recorder.Record(about, EventType.Warning, reason, message);
    }

    private void See(ResourceType<PartialObject> type, ObjectMeta metadata, bool isDeleted)
    {
        if (metadata.Uid is not { } uid)
        {
            return;
        }
        if (isDeleted)
        {
            absent.Add(uid, metadata.Namespace);
            Context.TellDeleted(metadata.Namespace);
        }
        Look(isDeleted ? graph.Remove(uid) : graph.Put(type, metadata, sources.Resolve));
        if (type.Plural == CustomResourceDefinitions)
        {
            // Served a moment after the definition says so.
            Queue.AddAfter(Refresh, TimeSpan.FromSeconds(1));
        }
    }

    private void Look(IEnumerable<string> uids)
    {
        foreach (var uid in uids)
        {
            Queue.Add(new(null, uid));
        }
    }
}
