using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>What of the cluster a pod refers to, of the things a mirror pod must not.</summary>
internal static class MirrorReferences
{
    private static readonly string[] containerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>Null when there is nothing of the kind.</summary>
    public static string? Forbidden(JsonObject pod)
    {
        var spec = pod.Spec() ?? [];
        if (spec.Text("serviceAccountName") is { Length: > 0 }) { return "a service account"; }
        if (spec.Items("imagePullSecrets").Any() || Mounts(spec, "secret") || InEnvironment(spec, "secretRef", "secretKeyRef")) { return "secrets"; }
        if (Mounts(spec, "configMap") || InEnvironment(spec, "configMapRef", "configMapKeyRef")) { return "configmaps"; }
        if (Mounts(spec, "clusterTrustBundle")) { return "clustertrustbundles"; }
        return Mounts(spec, "persistentVolumeClaim") ? "persistentvolumeclaims" : null;
    }

    private static bool Mounts(JsonObject spec, string source) => spec.Items("volumes").Any(volume =>
        volume[source] is not null || volume.Object("projected")?.Items("sources").Any(projected => projected[source] is not null) == true);

    private static bool InEnvironment(JsonObject spec, string wholeObject, string oneKey) => containerLists.SelectMany(list => spec.Items(list)).Any(container =>
        container.Items("envFrom").Any(from => from[wholeObject] is not null)
        || container.Items("env").Any(variable => variable.Object("valueFrom")?[oneKey] is not null));
}
