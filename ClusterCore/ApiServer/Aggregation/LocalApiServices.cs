using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Bootstrap;
using Flotilla.ClusterCore.ApiServer.ResourceMetrics;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Aggregation;

/// <summary>
/// The APIServices of what this server serves itself: one a group and version, <c>v1.apps</c>. Their own group has none, as
/// upstream.
/// </summary>
internal static class LocalApiServices
{
    public const string Group = "apiregistration.k8s.io";

    /// <summary>On an APIService that the server keeps: <c>onstart</c> for what is built in, <c>true</c> for custom resources.</summary>
    public const string Automanaged = "kube-aggregator.kubernetes.io/automanaged";

    private static readonly (string Group, string Version, int GroupPriority, int VersionPriority)[] builtIn =
    [
        ("", "v1", 18000, 1),
        ("apps", "v1", 17800, 15),
        ("events.k8s.io", "v1", 17750, 15),
        ("authentication.k8s.io", "v1", 17700, 15),
        ("authorization.k8s.io", "v1", 17600, 15),
        ("autoscaling", "v1", 17500, 15),
        ("autoscaling", "v2", 17500, 30),
        ("batch", "v1", 17400, 15),
        ("certificates.k8s.io", "v1", 17300, 15),
        ("networking.k8s.io", "v1", 17200, 15),
        ("policy", "v1", 17100, 15),
        ("rbac.authorization.k8s.io", "v1", 17000, 15),
        ("storage.k8s.io", "v1", 16800, 15),
        ("apiextensions.k8s.io", "v1", 16700, 15),
        ("admissionregistration.k8s.io", "v1", 16700, 15),
        ("scheduling.k8s.io", "v1", 16600, 15),
        ("coordination.k8s.io", "v1", 16500, 15),
        ("node.k8s.io", "v1", 16300, 15),
        ("discovery.k8s.io", "v1", 16200, 15),
        ("resource.k8s.io", "v1", 16200, 20),
        ("flowcontrol.apiserver.k8s.io", "v1", 16100, 21),
        // As the usual add-on registers it.
        (MetricsResources.Group, "v1beta1", 100, 100),
    ];

    public static IEnumerable<JsonObject> BuiltIn() =>
        builtIn.Select(one => Object(one.Group, one.Version, one.GroupPriority, one.VersionPriority, "onstart"));

    /// <summary>Custom resources come after all that is built in.</summary>
    public static JsonObject Custom(string group, string version) => Object(group, version, 1000, 100, "true");

    public static string NameOf(string group, string version) => $"{version}.{group}";

    /// <summary>The object as it should be; null when it is so already, or is somebody's own.</summary>
    public static JsonObject? Reconcile(JsonObject wanted, JsonObject current)
    {
        if (current.Metadata()?.Object("labels")?.Text(Automanaged) is not { } || JsonNode.DeepEquals(current["spec"], wanted["spec"])) { return null; }
        var next = current.DeepClone().AsObject();
        next["spec"] = wanted["spec"]!.DeepClone();
        return next;
    }

    private static JsonObject Object(string group, string version, int groupPriority, int versionPriority, string managed)
    {
        var obj = FirstObjects.Object($"{Group}/v1", "APIService", NameOf(group, version));
        obj["metadata"]!["labels"] = new JsonObject { [Automanaged] = managed };
        var spec = new JsonObject { ["version"] = version, ["groupPriorityMinimum"] = groupPriority, ["versionPriority"] = versionPriority };
        if (group.Length > 0) { spec.Insert(0, "group", group); }
        obj["spec"] = spec;
        return obj;
    }
}
