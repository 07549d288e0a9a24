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
            foreach (var (name, amount) in PodUsage.Read(obj["spec"]?["resources"]?["requests"])) { usage[$"requests.{name}"] = amount; }
        }

        return usage;
    }

    private static void AddPod(Dictionary<string, Quantity> usage, JsonObject pod)
    {
        foreach (var (name, amount) in PodUsage.Sum(pod, "requests"))
        {
            usage[$"requests.{name}"] = amount;
            if (name is "cpu" or "memory" or "ephemeral-storage") { usage[name] = amount; }
        }

        foreach (var (name, amount) in PodUsage.Sum(pod, "limits")) { usage[$"limits.{name}"] = amount; }
    }

    private static void AddService(Dictionary<string, Quantity> usage, JsonObject service)
    {
        var type = ObjectMeta.Text(service["spec"], "type");
        var ports = (service["spec"]?["ports"] as JsonArray)?.Count ?? 0;
        if (type == "LoadBalancer") { usage["services.loadbalancers"] = Quantity.FromInteger(1); }
        if (type is "LoadBalancer" or "NodePort") { usage["services.nodeports"] = Quantity.FromInteger(ports); }
    }
}
