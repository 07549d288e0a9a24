using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>What one new object takes from quotas, by the names quotas limit things under.</summary>
internal static class QuotaUsage
{
    private static readonly HashSet<string> plainCounts = new(StringComparer.Ordinal)
    {
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
    };

    public static Dictionary<string, Quantity> Of(ResourceInfo resource, JsonObject obj)
    {
        var one = Quantity.FromInteger(1);
        var usage = new Dictionary<string, Quantity>(StringComparer.Ordinal) { [$"count/{resource.GroupResource}"] = one };
        if (resource.Group.Length > 0) { return usage; }
        if (plainCounts.Contains(resource.Plural)) { usage[resource.Plural] = one; }
        if (resource.Kind == "Pod") { AddPod(usage, obj); }
        if (resource.Kind == "Service") { AddService(usage, obj); }
        if (resource.Kind == "PersistentVolumeClaim")
        {
            AddClaim(usage, obj);
        }

        return usage;
    }

    /// <summary>What the new takes more than the old.</summary>
    public static Dictionary<string, Quantity> Growth(Dictionary<string, Quantity> old, Dictionary<string, Quantity> now) => now
        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value - old.GetValueOrDefault(pair.Key, Quantity.Zero)))
        .Where(pair => pair.Value > Quantity.Zero).ToDictionary(StringComparer.Ordinal);

    private static void AddClaim(Dictionary<string, Quantity> usage, JsonObject claim)
    {
        var classOf = ObjectMeta.Text(claim["spec"], "storageClassName") is { Length: > 0 } name ? $"{name}.storageclass.storage.k8s.io/" : null;
        if (classOf is not null) { usage[classOf + "persistentvolumeclaims"] = Quantity.FromInteger(1); }
        foreach (var (resource, amount) in PodUsage.Read(claim["spec"]?["resources"]?["requests"]))
        {
            usage[$"requests.{resource}"] = amount;
            if (classOf is not null) { usage[$"{classOf}requests.{resource}"] = amount; }
        }
    }

    private static void AddPod(Dictionary<string, Quantity> usage, JsonObject pod)
    {
        foreach (var (name, amount) in WithOverhead(pod, "requests"))
        {
            usage[$"requests.{name}"] = amount;
            if (name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal)) { usage[name] = amount; }
        }

        foreach (var (name, amount) in WithOverhead(pod, "limits")) { usage[$"limits.{name}"] = amount; }
    }

    private static Dictionary<string, Quantity> WithOverhead(JsonObject pod, string kind)
    {
        var total = PodUsage.Sum(pod, kind);
        foreach (var (name, amount) in PodUsage.Read(pod["spec"]?["overhead"])) { total[name] = total.GetValueOrDefault(name, Quantity.Zero) + amount; }
        return total;
    }

    private static void AddService(Dictionary<string, Quantity> usage, JsonObject service)
    {
        var type = ObjectMeta.Text(service["spec"], "type");
        var ports = (service["spec"]?["ports"] as JsonArray)?.Count ?? 0;
        if (type == "LoadBalancer") { usage["services.loadbalancers"] = Quantity.FromInteger(1); }
        var takesPorts = type == "NodePort" || (type == "LoadBalancer" && service["spec"]?["allocateLoadBalancerNodePorts"]?.ToString() != "false");
        if (takesPorts) { usage["services.nodeports"] = Quantity.FromInteger(ports); }
    }
}
