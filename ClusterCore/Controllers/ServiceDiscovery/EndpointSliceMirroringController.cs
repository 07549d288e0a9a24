using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>Endpoints that people write by hand, for services without a selector, shown as slices too: proxies read only those.</summary>
internal sealed class EndpointSliceMirroringController : ReconcilingController
{
    private readonly Informer<Client.Objects.Endpoints> endpoints;
    private readonly Informer<Service> services;
    private readonly Informer<EndpointSlice> slices;

    public EndpointSliceMirroringController(ControllerContext context) : base("endpointslice-mirroring-controller", context, workers: 1)
    {
        endpoints = Reconciles(context.Informers.Get(Kinds.Endpoints));
        services = Reconciles(context.Informers.Get(Kinds.Services));
        slices = context.Informers.Get(Kinds.EndpointSlices).IndexByLabel(Labels.ServiceName);
        slices.AddHandler(change =>
        {
            // A mirror that somebody deleted or changed is made as it was.
            if ((change.New ?? change.Old) is { } slice && IsMirror(slice) && slice.Metadata.Labels!.GetValueOrDefault(Labels.ServiceName) is { Length: > 0 } service)
            {
                Queue.Add(new(change.Key.Namespace, service));
            }
        });
    }

    public override bool IsServed => slices.IsServed;

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var present = slices.WithLabel(Labels.ServiceName, key.Name)
            .Where(slice => slice.Metadata.Namespace == key.Namespace && IsMirror(slice))
            .ToArray();
        var wanted = MirrorPlan.Compute(endpoints.Find(key), services.Find(key));
        foreach (var slice in wanted)
        {
            var known = Array.Find(present, found => found.Metadata.Name == slice.Metadata.Name);
            if (known is null)
            {
                var created = await Client.CreateAsync(Kinds.EndpointSlices, slice, cancellationToken);
                if (!created.AlreadyExists && !created.IsRefusedByTermination())
                {
                    created.OrThrow();
                }
            }
            else if (!MirrorPlan.Same(known, slice))
            {
                await Client.PatchAsync(
                    Kinds.EndpointSlices, key.Namespace, slice.Metadata.Name, MirrorPlan.Replacement(known, slice), cancellationToken);
            }
        }
        foreach (var surplus in present.Where(found => wanted.All(slice => slice.Metadata.Name != found.Metadata.Name)))
        {
            await Client.DeleteAsync(Kinds.EndpointSlices, key.Namespace, surplus.Metadata.Name, cancellationToken);
        }
        return ReconcileResult.Done;
    }

    private static bool IsMirror(EndpointSlice slice) => slice.Metadata.Labels?.GetValueOrDefault(Labels.ManagedBy) == MirrorPlan.Manager;
}
