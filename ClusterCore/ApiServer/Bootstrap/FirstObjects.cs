using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>The objects of an empty cluster.</summary>
internal static class FirstObjects
{
    private const string Rbac = "rbac.authorization.k8s.io";

    public static IEnumerable<JsonObject> All(ApiServerOptions options, int port) =>
        [.. Namespaces(), .. Roles(), .. PriorityClasses(), .. KubernetesService.Objects(options, port), ServiceNetwork(options)];

    private static IEnumerable<JsonObject> Namespaces() =>
        ((string[])["default", "kube-system", "kube-public", "kube-node-lease"]).Select(name =>
        {
            var obj = Object("v1", "Namespace", name);
            obj["metadata"]!["labels"] = new JsonObject { ["kubernetes.io/metadata.name"] = name };
            return obj;
        });

    private static IEnumerable<JsonObject> PriorityClasses() =>
    [
        PriorityClass("system-cluster-critical", 2000000000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
        PriorityClass("system-node-critical", 2000001000, "Used for system critical pods that must not be moved from their current node."),
    ];

    private static JsonObject PriorityClass(string name, int value, string description)
    {
        var obj = Object("scheduling.k8s.io/v1", "PriorityClass", name);
        obj["value"] = value;
        obj["description"] = description;
        obj["preemptionPolicy"] = "PreemptLowerPriority";
        return obj;
    }

    private static JsonObject ServiceNetwork(ApiServerOptions options)
    {
        var obj = Object("networking.k8s.io/v1", "ServiceCIDR", "kubernetes");
        obj["spec"] = new JsonObject { ["cidrs"] = new JsonArray(options.ServiceNetwork.ToString()) };
        return obj;
    }

    private static IEnumerable<JsonObject> Roles()
    {
        var facts = JsonNode.Parse(ApiCatalog.Default.RbacDefaults())!.AsObject();
        foreach (var role in Items(facts, "clusterroles")) { yield return Default(role, "ClusterRole"); }
        foreach (var binding in Items(facts, "clusterrolebindings")) { yield return Default(binding, "ClusterRoleBinding"); }
        foreach (var namespaced in Items(facts, "namespaced")) { yield return Default(namespaced, namespaced["kind"]?.ToString() ?? (namespaced["roleRef"] is null ? "Role" : "RoleBinding")); }
    }

    private static JsonObject Default(JsonObject fact, string kind)
    {
        var obj = Object($"{Rbac}/v1", kind, fact["name"]!.ToString());
        var metadata = obj["metadata"]!.AsObject();
        if (fact["namespace"] is { } @namespace) { metadata["namespace"] = @namespace.DeepClone(); }
        metadata["labels"] = fact["labels"]?.DeepClone() ?? new JsonObject();
        metadata["labels"]!["kubernetes.io/bootstrapping"] = "rbac-defaults";
        metadata["annotations"] = new JsonObject { [$"{Rbac}/autoupdate"] = "true" };
        foreach (var (name, value) in fact)
        {
            if (name is not ("name" or "namespace" or "labels" or "kind")) { obj[name] = value?.DeepClone(); }
        }

        return obj;
    }

    internal static JsonObject Object(string apiVersion, string kind, string name) =>
        new() { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = new JsonObject { ["name"] = name } };

    private static IEnumerable<JsonObject> Items(JsonObject facts, string name) => (facts[name] as JsonArray ?? []).OfType<JsonObject>();
}
