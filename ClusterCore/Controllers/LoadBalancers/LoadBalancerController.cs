using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

/// <summary>Keeps Services of type LoadBalancer reachable through a provider, and says where in their status.</summary>
internal sealed class LoadBalancerController : ReconcilingController
{
    /// <summary>Providers are slow, and many count what they are asked.</summary>
    private static readonly WorkQueueOptions Retries = new() { FirstRetry = TimeSpan.FromSeconds(5), LongestRetry = TimeSpan.FromMinutes(5) };
    private readonly Informer<Service> services;
    private readonly ILoadBalancerProvider provider;
    private readonly EventRecorder recorder;

    // One worker: two services must not be given the same address.
    public LoadBalancerController(ControllerContext context, ILoadBalancerProvider provider)
        : base("service-controller", context, workers: 1, Retries)
    {
        this.provider = provider;
        recorder = context.Recorder(Name);
        services = Reconciles(context.Informers.Get(Kinds.Services));
        services.AddHandler(change =>
        {
            if (HasIngress(change.Old) && !HasIngress(change.New))
            {
                AddPending();
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var service = services.Find(key);
        var step = service is null ? LoadBalancerStep.None : LoadBalancerPlan.Compute(service);
        if (service is null || step == LoadBalancerStep.None)
        {
            return ReconcileResult.Done;
        }
        try
        {
            return await (step == LoadBalancerStep.Ensure ? EnsureAsync(service, cancellationToken) : ReleaseAsync(service, cancellationToken));
        }
        catch (Exception exception) when (exception is not ApiException { Status.Reason: ApiReason.Conflict } && !cancellationToken.IsCancellationRequested)
        {
            // Whatever a provider throws, the service's owner is told, and it is tried again, less and less often.
            Warn(service, step == LoadBalancerStep.Ensure ? "ensure" : "delete", exception.Message);
            throw;
        }
    }

    private async Task<ReconcileResult> EnsureAsync(Service service, CancellationToken cancellationToken)
    {
        if (!HasIngress(service))
        {
            recorder.Record(service, EventType.Normal, "EnsuringLoadBalancer", "Ensuring load balancer");
        }
        await SetFinalizerAsync(service, isWanted: true, cancellationToken);
        var answer = await provider.EnsureAsync(service, services.List(), cancellationToken);
        if (answer.Ingress is not { } ingress)
        {
            var wait = answer.RetryAfter ?? throw new InvalidOperationException(answer.Problem);
            Warn(service, "ensure", answer.Problem);
            return new(wait);
        }
        if (!ingress.SequenceEqual(service.Status.LoadBalancer?.Ingress ?? []))
        {
            await WriteAsync(service, ingress, cancellationToken);
            recorder.Record(service, EventType.Normal, "EnsuredLoadBalancer", "Ensured load balancer");
        }
        return ReconcileResult.Done;
    }

    private void Warn(Service service, string what, string? problem) => recorder.Record(
        service, EventType.Warning, "SyncLoadBalancerFailed", $"Error syncing load balancer: failed to {what} load balancer: {problem}");

    private static bool HasIngress(Service? service) => service?.Status.LoadBalancer?.Ingress is { Length: > 0 };

    /// <summary>Something was given back: who waits for an address may have it.</summary>
    private void AddPending()
    {
        foreach (var waiting in services.List().Where(service => LoadBalancerPlan.IsWanted(service) && !HasIngress(service)))
        {
            Queue.Add(waiting.Key);
        }
    }

    private async Task<ReconcileResult> ReleaseAsync(Service service, CancellationToken cancellationToken)
    {
        recorder.Record(service, EventType.Normal, "DeletingLoadBalancer", "Deleting load balancer");
        await provider.ReleaseAsync(service, cancellationToken);
        if (HasIngress(service) && service.Metadata.DeletionTimestamp is null)
        {
            await WriteAsync(service, [], cancellationToken);
        }
        await SetFinalizerAsync(service, isWanted: false, cancellationToken);
        recorder.Record(service, EventType.Normal, "DeletedLoadBalancer", "Deleted load balancer");
        return ReconcileResult.Done;
    }

    private async Task WriteAsync(Service service, IReadOnlyList<LoadBalancerIngress> ingress, CancellationToken cancellationToken)
    {
        var list = ingress.Count == 0 ? null : new JsonArray([.. ingress.Select(one => JsonSerializer.SerializeToNode(one, ObjectJson.Default.LoadBalancerIngress))]);
        var body = new JsonObject { ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = list } } };
        var patched = await Client.PatchStatusAsync(
            Kinds.Services, service.Metadata.Namespace, service.Metadata.Name, Patch.Merge(body), cancellationToken);
        patched.OrThrow();
    }

    private async Task SetFinalizerAsync(Service service, bool isWanted, CancellationToken cancellationToken)
    {
        if (LoadBalancerPlan.HasFinalizer(service) == isWanted)
        {
            return;
        }
        var present = service.Metadata.Finalizers ?? [];
        string[] wanted = isWanted ? [.. present, LoadBalancerPlan.Finalizer] : [.. present.Where(known => known != LoadBalancerPlan.Finalizer)];
        var list = wanted.Length == 0 ? null : new JsonArray([.. wanted.Select(known => (JsonNode?)known)]);
        var body = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = list } };
        await Client.PatchAsync(Kinds.Services, service.Metadata.Namespace, service.Metadata.Name, Patch.Merge(body), cancellationToken);
    }
}
