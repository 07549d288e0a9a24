using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Discovery;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Namespaces;

/// <summary>Empties a namespace that is being deleted, then lets it go by taking its <c>kubernetes</c> finalizer.</summary>
internal sealed class NamespaceController : ReconcilingController
{
    private const string Finalizer = "kubernetes";
    private readonly Informer<Namespace> namespaces;
    private readonly EventRecorder recorder;

    /// <summary>Namespaces, by UID, whose owner knows what they wait for.</summary>
    private readonly ConcurrentDictionary<string, bool> told = [];

    public NamespaceController(ControllerContext context) : base("namespace-controller", context)
    {
        recorder = context.Recorder(Name);
        namespaces = context.Informers.Get(Kinds.Namespaces);
        namespaces.AddHandler(change =>
        {
            if (change.IsDeleted)
            {
                told.TryRemove(change.Object.Metadata.Uid!, out _);
            }
            if (change.New is { Metadata.DeletionTimestamp: not null })
            {
                Queue.Add(change.Key);
            }
        });
        var pods = context.Informers.Pods();
        pods.AddHandler(change =>
        {
            // The last pod to go is what a namespace usually waits for: nobody needs to wait out its grace period.
            if (change.IsDeleted && namespaces.Find(null, change.Key.Namespace!) is { Metadata.DeletionTimestamp: not null } ns
                && !pods.IsAnyIn(change.Key.Namespace))
            {
                Queue.Add(ns.Key);
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Find(key) is not { Metadata.DeletionTimestamp: not null } ns || ns.Spec.Finalizers?.Contains(Finalizer) != true)
        {
            return ReconcileResult.Done;
        }
        var emptied = await EmptyAsync(key.Name, cancellationToken);
        var plan = NamespacePlan.Compute(ns, emptied, Clock.GetUtcNow());
        await WriteStatusAsync(Kinds.Namespaces, ns.Metadata, ns.Status, plan.Status, ObjectJson.Default.NamespaceStatus, cancellationToken);
        if (plan.Stuck is { } stuck && told.TryAdd(ns.Metadata.Uid!, true))
        {
            recorder.Record(ns, EventType.Warning, stuck.Type, stuck.Message ?? "");
        }
        if (plan.Finalize)
        {
            await FinalizeAsync(ns, cancellationToken);
        }
        return new(plan.RequeueAfter);
    }

    private async Task<NamespaceContent> EmptyAsync(string ns, CancellationToken cancellationToken)
    {
        var api = await ApiDiscovery.ReadAsync(Client, cancellationToken);
        var left = new List<RemainingContent>();
        var failures = new List<string>();
        // Pods go first: what the others protect or allow them (policies, secrets) must outlive them.
        foreach (var resource in api.Resources.Where(found => found.Type.Namespaced && found.Can("list", "delete")).OrderByDescending(IsPods))
        {
            var remaining = await EmptyAsync(resource, ns, failures, cancellationToken);
            if (remaining.Count > 0)
            {
                left.Add(remaining);
            }
            if (IsPods(resource) && (remaining.Count > 0 || failures.Count > 0))
            {
                break;
            }
        }
        return new(left, api.Failures, failures);
    }

    private static bool IsPods(DiscoveredResource resource) => resource.Type is { Group: "", Plural: "pods" };

    private async Task<RemainingContent> EmptyAsync(
        DiscoveredResource resource, string ns, List<string> failures, CancellationToken cancellationToken)
    {
        var before = await Client.ListAsync(resource.Type, ns, cancellationToken);
        if (!before.Succeeded || before.Value.Items.Count == 0)
        {
            return RemainingContent.None(resource.Type);
        }
        await DeleteAsync(resource, ns, before.Value.Items, failures, cancellationToken);
        var after = await Client.ListAsync(resource.Type, ns, cancellationToken);
        return RemainingContent.Of(resource.Type, after.Value?.Items ?? []);
    }

    private async Task DeleteAsync(
        DiscoveredResource resource, string ns, List<PartialObject> items, List<string> failures, CancellationToken cancellationToken)
    {
        var background = new DeleteOptions { PropagationPolicy = "Background" };
        if (resource.Can("deletecollection"))
        {
            var all = await Client.DeleteCollectionAsync(resource.Type, ns, cancellationToken, options: background);
            if (all.Succeeded)
            {
                return;
            }
            if (all.Failure.Code is not (404 or 405))
            {
                failures.Add(all.Failure.Message ?? all.Failure.ToString());
                return;
            }
        }
        foreach (var item in items.Where(item => item.Metadata.DeletionTimestamp is null))
        {
            var one = await Client.DeleteAsync(resource.Type, ns, item.Metadata.Name, cancellationToken, background);
            if (one is { Succeeded: false, IsNotFound: false })
            {
                failures.Add(one.Failure?.Message ?? "");
            }
        }
    }

    private async Task FinalizeAsync(Namespace ns, CancellationToken cancellationToken)
    {
        var current = await Client.RequestAsync(HttpMethod.Get, Kinds.Namespaces.Path(null, ns.Metadata.Name), null, cancellationToken);
        if (!current.Succeeded || current.Value["spec"]?["finalizers"] is not JsonArray finalizers)
        {
            return;
        }
        var kept = finalizers.Where(finalizer => (string?)finalizer != Finalizer).Select(finalizer => finalizer?.DeepClone()).ToArray();
        current.Value["spec"]!["finalizers"] = new JsonArray(kept);
        var path = Kinds.Namespaces.Path(null, ns.Metadata.Name, "finalize");
        var finalized = await Client.RequestAsync(HttpMethod.Put, path, current.Value, cancellationToken);
        if (finalized is { Succeeded: false, IsNotFound: false })
        {
            finalized.OrThrow();
        }
    }
}
