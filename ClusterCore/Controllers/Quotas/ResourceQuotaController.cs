using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Discovery;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Quotas;

/// <summary>Keeps the status of quotas at what is used. Admission refuses by it; deletions are noticed here.</summary>
internal sealed class ResourceQuotaController : ReconcilingController
{
    /// <summary>What admission counted for writes that failed later is found out this often.</summary>
    private static readonly TimeSpan CountAgain = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> NoLimits = [];

    /// <summary>Many objects come and go together: one count serves them all.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private readonly Informer<ResourceQuota> quotas;
    private readonly Informer<Pod> pods;
    private readonly Informer<Service> services;
    private readonly Informer<PersistentVolumeClaim> claims;

    public ResourceQuotaController(ControllerContext context) : base("resourcequota-controller", context, workers: 1)
    {
        quotas = context.Informers.Get(Kinds.ResourceQuotas).IndexByNamespace();
        quotas.AddHandler(change =>
        {
            // Not when admission counted something new: it is not here yet, and would be counted off again.
            if (change.IsAdded || (change is { Old: { } old, New: { } @new } && !IsSame(old.Spec.Hard, @new.Spec.Hard)))
            {
                Queue.Add(change.Key);
            }
        });
        pods = context.Informers.Pods();
        services = context.Informers.Get(Kinds.Services).IndexByNamespace();
        claims = context.Informers.Get(Kinds.PersistentVolumeClaims).IndexByNamespace();
        pods.AddHandler(change =>
        {
            if (change is { Old: { } old, New: { } @new } && old.IsFinished() != @new.IsFinished())
            {
                AddQuotasOf(change.Key.Namespace);
            }
        });
        services.AddHandler(AddQuotasOfChanged);
        claims.AddHandler(AddQuotasOfChanged);
        context.Deleted += AddQuotasOf;
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
        var status = QuotaPlan.Compute(quota, usage, Clock.GetUtcNow());
        await WriteStatusAsync(Kinds.ResourceQuotas, quota.Metadata, quota.Status, status, ObjectJson.Default.ResourceQuotaStatus, cancellationToken);
        return new(CountAgain);
    }

    private static bool IsSame(IReadOnlyDictionary<string, string>? left, IReadOnlyDictionary<string, string>? right) =>
        (left ?? NoLimits).ToHashSet().SetEquals(right ?? NoLimits);

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

    private void AddQuotasOfChanged<T>(InformerChange<T> change) where T : KubernetesObject
    {
        if (!change.IsAdded)
        {
            AddQuotasOf(change.Key.Namespace);
        }
    }

    private void AddQuotasOf(string? ns)
    {
        foreach (var quota in quotas.InNamespace(ns))
        {
            Queue.AddAfter(quota.Key, Gather);
        }
    }
}
