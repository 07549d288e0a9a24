using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

/// <summary>Gives Services of type LoadBalancer an address of the pool; the nodes' service proxies answer on it.</summary>
internal sealed class LoadBalancerController : ReconcilingController
{
    private const string Finalizer = "service.kubernetes.io/load-balancer-cleanup";
    private readonly Informer<Service> services;
    private readonly AddressPool pool;
    private readonly EventRecorder recorder;

    // One worker: two services must not be given the same address.
    public LoadBalancerController(ControllerContext context, string range) : base("service-controller", context, workers: 1)
    {
        pool = AddressPool.Parse(range);
        recorder = context.Recorder(Name);
        services = Reconciles(context.Informers.Get(Kinds.Services));
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (services.Find(key) is not { } service)
        {
            return ReconcileResult.Done;
        }
        var wants = service is { Spec: { Type: "LoadBalancer", LoadBalancerClass: null or "" }, Metadata.DeletionTimestamp: null };
        var present = service.Status.LoadBalancer?.Ingress?.FirstOrDefault()?.Ip;
        if (!wants)
        {
            await ReleaseAsync(service, present, cancellationToken);
            return ReconcileResult.Done;
        }
        await SetFinalizerAsync(service, isWanted: true, cancellationToken);
        var address = pool.Choose(present, service.Spec.LoadBalancerIP, Taken(key));
        if (address is null)
        {
            recorder.Record(service, EventType.Warning, "SyncLoadBalancerFailed",
                "Error syncing load balancer: failed to ensure load balancer: no address is free");
            return new(TimeSpan.FromMinutes(1));
        }
        if (address != present)
        {
            recorder.Record(service, EventType.Normal, "EnsuringLoadBalancer", "Ensuring load balancer");
            await WriteAsync(service, address, cancellationToken);
            recorder.Record(service, EventType.Normal, "EnsuredLoadBalancer", "Ensured load balancer");
        }
        return ReconcileResult.Done;
    }

    private HashSet<string> Taken(NamespacedName except) =>
        [.. services.List().Where(service => service.Key != except)
            .SelectMany(service => service.Status.LoadBalancer?.Ingress ?? []).Select(ingress => ingress.Ip).OfType<string>()];

    private async Task ReleaseAsync(Service service, string? present, CancellationToken cancellationToken)
    {
        if (service.Metadata.Finalizers?.Contains(Finalizer) != true)
        {
            return;
        }
        if (present is not null && service.Metadata.DeletionTimestamp is null)
        {
            await WriteAsync(service, null, cancellationToken);
        }
        await SetFinalizerAsync(service, isWanted: false, cancellationToken);
        recorder.Record(service, EventType.Normal, "DeletedLoadBalancer", "Deleted load balancer");
    }

    private async Task WriteAsync(Service service, string? address, CancellationToken cancellationToken)
    {
        var ingress = address is null ? null : new JsonArray(new JsonObject { ["ip"] = address, ["ipMode"] = "VIP" });
        var body = new JsonObject { ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = ingress } } };
        var patched = await Client.PatchStatusAsync(
            Kinds.Services, service.Metadata.Namespace, service.Metadata.Name, Patch.Merge(body), cancellationToken);
        patched.OrThrow();
    }

    private async Task SetFinalizerAsync(Service service, bool isWanted, CancellationToken cancellationToken)
    {
        var present = service.Metadata.Finalizers ?? [];
        if (present.Contains(Finalizer) == isWanted)
        {
            return;
        }
        string[] wanted = isWanted ? [.. present, Finalizer] : [.. present.Where(known => known != Finalizer)];
        var list = wanted.Length == 0 ? null : new JsonArray([.. wanted.Select(known => (JsonNode?)known)]);
        var body = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = list } };
        await Client.PatchAsync(Kinds.Services, service.Metadata.Namespace, service.Metadata.Name, Patch.Merge(body), cancellationToken);
    }
}
