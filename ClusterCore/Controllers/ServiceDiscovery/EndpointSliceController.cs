using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>Publishes the pods behind each service that selects some.</summary>
internal sealed class EndpointSliceController : ReconcilingController
{
    private readonly ServiceIndex services;
    private readonly Informer<EndpointSlice> slices;
    private readonly Informer<Node> nodes;
    private readonly Expectations expectations;
    private readonly EventRecorder recorder;

    public EndpointSliceController(ControllerContext context) : base("endpoint-slice-controller", context, workers: 5)
    {
        expectations = new(context.Clock);
        recorder = context.Recorder(Name);
        services = new(context);
        services.OnChange(Queue.Add);
        slices = context.Informers.Get(Kinds.EndpointSlices).IndexByController();
        slices.AddHandler(See);
        nodes = context.Informers.Get(Kinds.Nodes);
        nodes.AddHandler(change =>
        {
            if (change.Old is null || change.New is null || ZoneShares.ZoneOf(change.Old) != ZoneShares.ZoneOf(change.New))
            {
                services.OnNode(change.Key.Name, Queue.Add);
            }
            if (!ZoneShares.AreTheSame(change.Old, change.New))
            {
                services.OnTopology(Queue.Add);
            }
        });
    }

    public override bool IsServed => slices.IsServed;

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (services.Find(key) is not { } service)
        {
            // The slices are the service's own: the garbage collector takes them.
            expectations.Forget(key);
            return ReconcileResult.Done;
        }
        if (!ServiceIndex.HasSelector(service) || service.Metadata.DeletionTimestamp is not null || !expectations.Satisfied(key))
        {
            return ReconcileResult.Done;
        }
        var own = slices.ControlledBy(service.Metadata.Uid!).Where(IsOurs).ToArray();
        // What is on a node that is gone leads nowhere. When the node comes, the service comes here again.
        var pods = services.PodsOf(service).Where(pod => service.Spec.PublishNotReadyAddresses || string.IsNullOrEmpty(pod.Spec.NodeName) || nodes.Find(null, pod.Spec.NodeName) is not null);
        var shares = TrafficHints.AreByTopology(service) ? ZoneShares.Compute(nodes.List()) : null;
        var plan = EndpointSlicePlan.Compute(service, pods, own, node => ZoneShares.ZoneOf(nodes.Find(null, node)), shares);
        if (plan.Event is { } told)
        {
            recorder.Record(service, told.Type, told.Reason, told.Message);
        }
        await ApplyAsync(key, plan, cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task ApplyAsync(NamespacedName key, EndpointSlicePlan plan, CancellationToken cancellationToken)
    {
        foreach (var slice in plan.Create)
        {
            await CreateAsync(key, slice, cancellationToken);
        }
        foreach (var slice in plan.Update)
        {
            var patched = await Client.PatchAsync(
                Kinds.EndpointSlices, key.Namespace, slice.Metadata.Name, Replacement(slice), cancellationToken);
            if (!patched.IsNotFound)
            {
                patched.OrThrow();
            }
        }
        foreach (var slice in plan.Delete)
        {
            await Client.DeleteAsync(Kinds.EndpointSlices, key.Namespace, slice.Metadata.Name, cancellationToken);
        }
    }

    private async Task CreateAsync(NamespacedName key, EndpointSlice slice, CancellationToken cancellationToken)
    {
        expectations.ExpectCreations(key, 1);
        var succeeded = false;
        try
        {
            var created = await Client.CreateAsync(Kinds.EndpointSlices, slice, cancellationToken);
            succeeded = created.Succeeded;
            if (!succeeded && !created.IsRefusedByTermination())
            {
                created.OrThrow();
            }
        }
        finally
        {
            if (!succeeded)
            {
                expectations.CreationsFailed(key, 1);
            }
        }
    }

    private static Patch Replacement(EndpointSlice slice)
    {
        var tree = (JsonObject)JsonSerializer.SerializeToNode(slice, ObjectJson.Default.EndpointSlice)!;
        return Patch.Merge(new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = tree["metadata"]?["labels"]?.DeepClone() },
            ["endpoints"] = tree["endpoints"]?.DeepClone() ?? new JsonArray(),
            ["ports"] = tree["ports"]?.DeepClone() ?? new JsonArray(),
        });
    }

    private void See(InformerChange<EndpointSlice> change)
    {
        if (IsOurs(change.Object) && change.Object.Metadata.Labels!.TryGetValue(Labels.ServiceName, out var name))
        {
            var service = new NamespacedName(change.Key.Namespace, name);
            if (change.IsAdded)
            {
                expectations.CreationSeen(service);
            }
            Queue.Add(service);
        }
    }

    private static bool IsOurs(EndpointSlice slice) => slice.Metadata.Labels?.GetValueOrDefault(Labels.ManagedBy) == SliceMetadata.Manager;
}
