using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>Which objects a pod cannot run without.</summary>
internal static class PodReferences
{
    private static readonly string[] containerLists = ["initContainers", "containers", "ephemeralContainers"];

    public static bool UsesServiceAccount(JsonObject pod, string name) => Spec(pod).Text("serviceAccountName") == name;

    public static bool UsesSecret(JsonObject pod, string name) =>
        Spec(pod).Items("imagePullSecrets").Any(secret => secret.Text("name") == name)
        || Spec(pod).Items("volumes").Any(volume => volume.Object("secret")?.Text("secretName") == name || IsProjected(volume, "secret", name))
        || Containers(pod).Any(container => IsInEnvironment(container, "secretRef", "secretKeyRef", name));

    public static bool UsesConfigMap(JsonObject pod, string name) =>
        Spec(pod).Items("volumes").Any(volume => volume.Object("configMap")?.Text("name") == name || IsProjected(volume, "configMap", name))
        || Containers(pod).Any(container => IsInEnvironment(container, "configMapRef", "configMapKeyRef", name));

    /// <summary>By name, or made for the pod and named after it.</summary>
    public static bool UsesClaim(JsonObject pod, string name) => Spec(pod).Items("volumes").Any(volume =>
        volume.Object("persistentVolumeClaim")?.Text("claimName") == name
        || (volume["ephemeral"] is not null && $"{pod.Name()}-{volume.Text("name")}" == name));

    public static bool UsesResourceClaim(JsonObject pod, string name) =>
        Spec(pod).Items("resourceClaims").Any(claim => claim.Text("resourceClaimName") == name)
        || (pod.Object("status")?.Items("resourceClaimStatuses") ?? []).Any(claim => claim.Text("resourceClaimName") == name);

    private static JsonObject Spec(JsonObject pod) => pod.Spec() ?? [];

    private static IEnumerable<JsonObject> Containers(JsonObject pod) => containerLists.SelectMany(list => Spec(pod).Items(list));

    private static bool IsProjected(JsonObject volume, string source, string name) =>
        volume.Object("projected")?.Items("sources").Any(item => item.Object(source)?.Text("name") == name) == true;

    private static bool IsInEnvironment(JsonObject container, string wholeObject, string oneKey, string name) =>
        container.Items("envFrom").Any(source => source.Object(wholeObject)?.Text("name") == name)
        || container.Items("env").Any(variable => variable.Object("valueFrom")?.Object(oneKey)?.Text("name") == name);
}
