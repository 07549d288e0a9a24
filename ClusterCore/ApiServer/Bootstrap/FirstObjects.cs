using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Aggregation;
using Flotilla.ClusterCore.ApiServer.Authentication;
using Flotilla.ClusterCore.ApiServer.FlowControl;

namespace Flotilla.ClusterCore.ApiServer.Bootstrap;

/// <summary>The objects of an empty cluster.</summary>
internal static class FirstObjects
{
    public static IEnumerable<JsonObject> All(ApiServerOptions options, int port, DateTimeOffset now) =>
    [
        .. Namespaces(), .. DefaultRoles.All(), .. PriorityClasses(), .. DefaultFlows.All(), .. LocalApiServices.BuiltIn(),
        .. KubernetesService.Objects(options, port), ServiceNetwork(options), TokenTracking(now),
    ];

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

    /// <summary>Since when secrets tell the last use of their tokens: what was never used since is old enough to clean up a year later.</summary>
    private static JsonObject TokenTracking(DateTimeOffset now)
    {
        var obj = Object("v1", "ConfigMap", "kube-apiserver-legacy-service-account-token-tracking");
        obj["metadata"]!["namespace"] = "kube-system";
        obj["data"] = new JsonObject { ["since"] = SecretTokens.DateOf(now) };
        return obj;
    }

    internal static JsonObject Object(string apiVersion, string kind, string name) =>
        new() { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = new JsonObject { ["name"] = name } };
}
