using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>Which objects a pod cannot run without.</summary>
internal static class PodReferences
{
    private static readonly string[] containerLists = ["initContainers", "containers", "ephemeralContainers"];

    public static bool UsesServiceAccount(CacheEntry pod, string name) =>
        (string?)Spec(pod)["serviceAccountName"] == name;

    public static bool UsesSecret(CacheEntry pod, string name) =>
        Items(Spec(pod), "imagePullSecrets").Any(secret => (string?)secret["name"] == name)
        || Items(Spec(pod), "volumes").Any(volume => (string?)volume["secret"]?["secretName"] == name || IsProjected(volume, "secret", name))
        || Containers(pod).Any(container => IsInEnvironment(container, "secretRef", "secretKeyRef", name));

    public static bool UsesConfigMap(CacheEntry pod, string name) =>
        Items(Spec(pod), "volumes").Any(volume => (string?)volume["configMap"]?["name"] == name || IsProjected(volume, "configMap", name))
        || Containers(pod).Any(container => IsInEnvironment(container, "configMapRef", "configMapKeyRef", name));

    private static JsonObject Spec(CacheEntry pod) => pod.Parse()["spec"] as JsonObject ?? [];

    private static IEnumerable<JsonObject> Containers(CacheEntry pod)
    {
        var spec = Spec(pod);
        return containerLists.SelectMany(list => Items(spec, list));
    }

    private static bool IsProjected(JsonObject volume, string source, string name) =>
        volume["projected"] is JsonObject projected && Items(projected, "sources").Any(item => (string?)item[source]?["name"] == name);

    private static bool IsInEnvironment(JsonObject container, string wholeObject, string oneKey, string name) =>
        Items(container, "envFrom").Any(source => (string?)source[wholeObject]?["name"] == name)
        || Items(container, "env").Any(variable => (string?)variable["valueFrom"]?[oneKey]?["name"] == name);

    private static IEnumerable<JsonObject> Items(JsonObject parent, string list) =>
        (parent[list] as JsonArray ?? []).OfType<JsonObject>();
}
