using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Discovery;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.Quotas;

/// <summary>Keeps the status of quotas at what is used. Admission refuses by it; deletions are noticed here.</summary>
internal sealed class ResourceQuotaController : ReconcilingController
{
    /// <summary>Kinds without an informer here are counted this often, and only where a quota names them.</summary>
    private static readonly TimeSpan CountAgain = TimeSpan.FromMinutes(5);

    /// <summary>Many objects come and go together: one count serves them all.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private readonly Informer<ResourceQuota> quotas;
    private readonly Informer<Pod> pods;
    private readonly Informer<Service> services;
    private readonly Informer<PersistentVolumeClaim> claims;

    public ResourceQuotaController(ControllerContext context) : base("resourcequota-controller", context, workers: 1)
    {
        quotas = Reconciles(context.Informers.Get(Kinds.ResourceQuotas)).IndexByNamespace();
        pods = context.Informers.Pods();
        services = context.Informers.Get(Kinds.Services).IndexByNamespace();
        claims = context.Informers.Get(Kinds.PersistentVolumeClaims).IndexByNamespace();
        pods.AddHandler(change =>
        {
            if (change.IsAdded || change.IsDeleted || change.Old!.IsFinished() != change.New!.IsFinished())
            {
                AddQuotasOf(change.Key.Namespace);
            }
        });
        services.AddHandler(change => AddQuotasOf(change.Key.Namespace));
        claims.AddHandler(change => AddQuotasOf(change.Key.Namespace));
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (quotas.Find(key) is not { Metadata.DeletionTimestamp: null } quota)
        {
            return ReconcileResult.Done;
        }
        var asked = QuotaPlan.CountedElsewhere(quota).ToArray();
        var counts = asked.Length == 0 ? new Dictionary<string, int>() : await CountAsync(key.Namespace, asked, cancellationToken);
        var usage = new NamespaceUsage(
            pods.InNamespace(key.Namespace), services.InNamespace(key.Namespace), claims.InNamespace(key.Namespace), counts);
        if (StatusPatch.Between(quota.Status, QuotaPlan.Compute(quota, usage), ObjectJson.Default.ResourceQuotaStatus) is { } patch)
        {
            await Client.PatchStatusAsync(Kinds.ResourceQuotas, key.Namespace, key.Name, patch, cancellationToken);
        }
        return new(asked.Length == 0 ? null : CountAgain);
    }

    private async Task<Dictionary<string, int>> CountAsync(string? ns, string[] names, CancellationToken cancellationToken)
    {
        var api = await ApiDiscovery.ReadAsync(Client, cancellationToken);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var resource = name.StartsWith("count/", StringComparison.Ordinal) ? name["count/".Length..] : name;
            var found = api.Resources.FirstOrDefault(known => known.Type.Namespaced && known.Can("list")
                && resource == (known.Type.Group.Length == 0 ? known.Type.Plural : $"{known.Type.Plural}.{known.Type.Group}"));
            var list = found is null ? default : await Client.ListAsync(found.Type, ns, cancellationToken);
            counts[name] = list.Value?.Items.Count ?? 0;
        }
        return counts;
    }

    private void AddQuotasOf(string? ns)
    {
        foreach (var quota in quotas.InNamespace(ns))
        {
            Queue.AddAfter(quota.Key, Gather);
        }
    }
}
