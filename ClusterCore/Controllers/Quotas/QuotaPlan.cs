using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Controllers.Quotas;

/// <summary>What of a namespace counts against quotas.</summary>
/// <param name="Counts">How many objects there are, by the names that quotas use for them: <c>secrets</c>, <c>count/deployments.apps</c>.</param>
internal sealed record NamespaceUsage(
    IReadOnlyList<Pod> Pods, IReadOnlyList<Service> Services, IReadOnlyList<PersistentVolumeClaim> Claims,
    IReadOnlyDictionary<string, int> Counts);

/// <summary>A quota's status: its limits as it was told, and what is used of each.</summary>
internal static class QuotaPlan
{
    private const string AttributesClass = "VolumeAttributesClass";

    public static ResourceQuotaStatus Compute(ResourceQuota quota, NamespaceUsage usage, DateTimeOffset now)
    {
        var hard = quota.Spec.Hard ?? new Dictionary<string, string>();
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var pod in usage.Pods.Where(pod => PodUsage.IsInScope(pod, quota.Spec)))
        {
            Add(total, PodUsage.Of(pod, now));
        }
        foreach (var claim in usage.Claims.Where(claim => IsInScope(claim, quota.Spec)))
        {
            Add(total, ClaimUsage(claim));
        }
        // Scopes are about pods and claims: a quota that has some counts nothing else.
        if (!HasScopes(quota.Spec))
        {
            Add(total, ServiceUsage(usage.Services));
            Add(total, usage.Counts.Select(count => KeyValuePair.Create(count.Key, Quantity.FromInteger(count.Value))));
        }
        var used = hard.Keys.ToDictionary(name => name, name => total.GetValueOrDefault(name).ToString(), StringComparer.Ordinal);
        return new() { Hard = hard.Count == 0 ? null : hard, Used = used.Count == 0 ? null : used };
    }

    private static bool HasScopes(ResourceQuotaSpec quota) => quota is { Scopes.Length: > 0 } or { ScopeSelector.MatchExpressions.Length: > 0 };

    private static bool IsInScope(PersistentVolumeClaim claim, ResourceQuotaSpec quota)
    {
        var name = claim.Spec.VolumeAttributesClassName ?? "";
        return Array.TrueForAll(quota.Scopes ?? [], scope => scope == AttributesClass && name.Length > 0)
            && Array.TrueForAll(quota.ScopeSelector?.MatchExpressions ?? [], rule => rule.ScopeName == AttributesClass && PodUsage.Selects(rule, name));
    }

    /// <summary>Counted names that no informer of ours knows: they have to be asked for.</summary>
    public static IEnumerable<string> CountedElsewhere(ResourceQuota quota) =>
        (quota.Spec.Hard ?? new Dictionary<string, string>()).Keys.Where(name =>
            name is "secrets" or "configmaps" or "replicationcontrollers" or "resourcequotas"
            || (name.StartsWith("count/", StringComparison.Ordinal) && name is not ("count/pods" or "count/services" or "count/persistentvolumeclaims")));

    private static IEnumerable<KeyValuePair<string, Quantity>> ServiceUsage(IReadOnlyList<Service> services)
    {
        yield return Count("services", services.Count);
        yield return Count("count/services", services.Count);
        yield return Count("services.loadbalancers", services.Count(service => service.Spec.Type == "LoadBalancer"));
        yield return Count("services.nodeports", services.Where(service => service.Spec.Type == "NodePort"
            || (service.Spec.Type == "LoadBalancer" && service.Spec.AllocateLoadBalancerNodePorts != false)).Sum(service => service.Spec.Ports?.Length ?? 0));
    }

    private static IEnumerable<KeyValuePair<string, Quantity>> ClaimUsage(PersistentVolumeClaim claim)
    {
        var storage = claim.Spec.Resources?.Requests?.GetValueOrDefault("storage");
        var amount = Quantity.TryParse(storage, out var parsed) ? parsed : Quantity.Zero;
        yield return Count("persistentvolumeclaims", 1);
        yield return Count("count/persistentvolumeclaims", 1);
        yield return KeyValuePair.Create("requests.storage", amount);
        if (claim.Spec.StorageClassName is { Length: > 0 } storageClass)
        {
            yield return Count($"{storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims", 1);
            yield return KeyValuePair.Create($"{storageClass}.storageclass.storage.k8s.io/requests.storage", amount);
        }
    }

    private static KeyValuePair<string, Quantity> Count(string name, int count) => KeyValuePair.Create(name, Quantity.FromInteger(count));

    private static void Add(Dictionary<string, Quantity> total, IEnumerable<KeyValuePair<string, Quantity>> usage)
    {
        foreach (var (name, amount) in usage)
        {
            total[name] = total.GetValueOrDefault(name) + amount;
        }
    }
}
