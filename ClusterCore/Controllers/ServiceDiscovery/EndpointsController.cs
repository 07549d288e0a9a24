using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>The older form of what endpoint slices say, for clients that still read it.</summary>
internal sealed class EndpointsController : ReconcilingController
{
    private const string ManagedBy = "endpoints.kubernetes.io/managed-by";
    private const string Manager = "endpoint-controller";
    private const string OverCapacity = "endpoints.kubernetes.io/over-capacity";
    private const string Headless = "service.kubernetes.io/headless";
    private readonly ServiceIndex services;
    private readonly Informer<Client.Objects.Endpoints> endpoints;

    public EndpointsController(ControllerContext context) : base("endpoint-controller", context, workers: 5)
    {
        services = new(context);
        services.OnChange(Queue.Add);
        endpoints = Reconciles(context.Informers.Get(Kinds.Endpoints));
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var known = endpoints.Find(key);
        if (services.Find(key) is not { } service)
        {
            await DeleteOursAsync(known, cancellationToken);
            return ReconcileResult.Done;
        }
        if (!ServiceIndex.HasSelector(service) || service.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }
        var wanted = Tree(service, EndpointsPlan.Compute(service, services.PodsOf(service)));
        if (known is null)
        {
            var created = await Client.CreateAsync(Kinds.Endpoints, key.Namespace, wanted, cancellationToken);
            if (!created.AlreadyExists && !created.IsRefusedByTermination())
            {
                created.OrThrow();
            }
        }
        else if (!IsUpToDate(known, wanted))
        {
            var patched = await Client.PatchAsync(Kinds.Endpoints, key.Namespace, key.Name, Patch.Merge(wanted), cancellationToken);
            if (!patched.IsNotFound)
            {
                patched.OrThrow();
            }
        }
        return ReconcileResult.Done;
    }

    private static JsonObject Tree(Service service, EndpointsPlan plan)
    {
        var labels = new JsonObject();
        foreach (var (name, value) in service.Metadata.Labels ?? new Dictionary<string, string>())
        {
            labels[name] = value;
        }
        labels[ManagedBy] = Manager;
        if (service.Spec.ClusterIP == "None")
        {
            labels[Headless] = "";
        }
        var tree = (JsonObject)JsonSerializer.SerializeToNode(
            new Client.Objects.Endpoints { Subsets = plan.Subsets }, ObjectJson.Default.Endpoints)!;
        tree["metadata"] = new JsonObject { ["name"] = service.Metadata.Name, ["labels"] = labels };
        if (plan.OverCapacity)
        {
            tree["metadata"]!["annotations"] = new JsonObject { [OverCapacity] = "truncated" };
        }
        return tree;
    }

    private static bool IsUpToDate(Client.Objects.Endpoints known, JsonObject wanted)
    {
        var tree = (JsonObject)JsonSerializer.SerializeToNode(known, ObjectJson.Default.Endpoints)!;
        return JsonNode.DeepEquals(tree["subsets"] ?? new JsonArray(), wanted["subsets"] ?? new JsonArray())
            && JsonNode.DeepEquals(tree["metadata"]?["labels"], wanted["metadata"]?["labels"]);
    }

    private async Task DeleteOursAsync(Client.Objects.Endpoints? known, CancellationToken cancellationToken)
    {
        if (known?.Metadata.Labels?.GetValueOrDefault(ManagedBy) == Manager)
        {
            var only = new DeleteOptions { PreconditionUid = known.Metadata.Uid };
            await Client.DeleteAsync(Kinds.Endpoints, known.Metadata.Namespace, known.Metadata.Name, cancellationToken, only);
        }
    }
}
