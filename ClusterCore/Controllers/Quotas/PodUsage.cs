using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Controllers.Quotas;

/// <summary>What one pod takes of a quota, by the quota's own resource names.</summary>
internal static class PodUsage
{
    private static readonly string[] Bare = ["cpu", "memory", "ephemeral-storage"];

    public static Dictionary<string, Quantity> Of(Pod pod, DateTimeOffset now)
    {
        var usage = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["count/pods"] = Quantity.FromInteger(1) };
        if (pod.IsFinished() || IsStuck(pod, now))
        {
            return usage;
        }
        usage["pods"] = Quantity.FromInteger(1);
        foreach (var (resource, amount) in Total(pod, resources => resources?.Requests))
        {
            usage["requests." + resource] = amount;
            if (Bare.Contains(resource) || resource.StartsWith("hugepages-", StringComparison.Ordinal))
            {
                usage[resource] = amount;
            }
        }
        foreach (var (resource, amount) in Total(pod, resources => resources?.Limits))
        {
            usage["limits." + resource] = amount;
        }
        return usage;
    }

    /// <summary>Longer on its way out than it was given: its node is lost, say, and nobody should pay for that.</summary>
    private static bool IsStuck(Pod pod, DateTimeOffset now) =>
        pod.Metadata is { DeletionTimestamp: { } deleted, DeletionGracePeriodSeconds: { } grace } && now > deleted.AddSeconds(grace);

    /// <summary>Whether a pod is of the kind a quota is limited to.</summary>
    public static bool IsInScope(Pod pod, ResourceQuotaSpec quota)
    {
        var plain = quota.Scopes ?? [];
        var selected = quota.ScopeSelector?.MatchExpressions ?? [];
        return Array.TrueForAll(plain, scope => Has(pod, scope)) && Array.TrueForAll(selected, rule => Matches(pod, rule));
    }

    /// <summary>Containers and sidecars together, or the largest init container beside the sidecars before it; and the overhead.</summary>
    private static Dictionary<string, Quantity> Total(Pod pod, Func<ResourceRequirements?, IReadOnlyDictionary<string, string>?> amounts)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in pod.Spec.Containers ?? [])
        {
            Add(total, amounts(container.Resources));
        }
        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var peak = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var init in pod.Spec.InitContainers ?? [])
        {
            if (init.RestartPolicy == "Always")
            {
                Add(total, amounts(init.Resources));
                Add(sidecars, amounts(init.Resources));
                Raise(peak, sidecars);
                continue;
            }
            var beside = new Dictionary<string, Quantity>(sidecars, StringComparer.Ordinal);
            Add(beside, amounts(init.Resources));
            Raise(peak, beside);
        }
        Raise(total, peak);
        // What the pod itself says stands for the sum.
        foreach (var (resource, _) in amounts(pod.Spec.Resources) ?? new Dictionary<string, string>())
        {
            total.Remove(resource);
        }
        Add(total, amounts(pod.Spec.Resources));
        Add(total, pod.Spec.Overhead);
        return total;
    }

    private static void Add(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, string>? amounts)
    {
        foreach (var (resource, text) in amounts ?? new Dictionary<string, string>())
        {
            if (Quantity.TryParse(text, out var amount))
            {
                total[resource] = total.GetValueOrDefault(resource) + amount;
            }
        }
    }

    private static void Raise(Dictionary<string, Quantity> total, Dictionary<string, Quantity> least)
    {
        foreach (var (resource, amount) in least)
        {
            total[resource] = total.GetValueOrDefault(resource) < amount ? amount : total[resource];
        }
    }

    private static bool Has(Pod pod, string scope) => scope switch
    {
        "Terminating" => pod.Spec.ActiveDeadlineSeconds >= 0,
        "NotTerminating" => pod.Spec.ActiveDeadlineSeconds is null,
        "BestEffort" => IsBestEffort(pod),
        "NotBestEffort" => !IsBestEffort(pod),
        "PriorityClass" => !string.IsNullOrEmpty(pod.Spec.PriorityClassName),
        "CrossNamespacePodAffinity" => WantsOtherNamespaces(pod.Spec.Affinity),
        _ => false,
    };

    private static bool Matches(Pod pod, ScopedResourceSelectorRequirement rule)
    {
        if (rule.ScopeName != "PriorityClass")
        {
            return Has(pod, rule.ScopeName);
        }
        return Selects(rule, pod.Spec.PriorityClassName ?? "");
    }

    public static bool Selects(ScopedResourceSelectorRequirement rule, string name) => rule.Operator switch
    {
        "In" => rule.Values?.Contains(name) == true,
        "NotIn" => rule.Values?.Contains(name) != true,
        "Exists" => name.Length > 0,
        "DoesNotExist" => name.Length == 0,
        _ => false,
    };

    private static bool WantsOtherNamespaces(Affinity? affinity)
    {
        PodAffinityTerm?[] terms =
        [
            .. affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [],
            .. (affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(weighted => weighted.PodAffinityTerm),
            .. affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [],
            .. (affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(weighted => weighted.PodAffinityTerm),
        ];
        return Array.Exists(terms, term => term?.Namespaces is { Length: > 0 } || term?.NamespaceSelector is not null);
    }

    private static bool IsBestEffort(Pod pod) =>
        (pod.Spec.Containers ?? []).Concat(pod.Spec.InitContainers ?? [])
            .All(container => container.Resources is not { Requests.Count: > 0 } and not { Limits.Count: > 0 });
}
