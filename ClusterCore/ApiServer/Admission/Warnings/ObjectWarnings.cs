using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>Tells whoever writes an object what of it is valid, and out of date or without effect.</summary>
internal sealed class ObjectWarnings : IAdmissionPlugin
{
    private const string TokensInSecrets =
        "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes";

    private const string HostName = "which can result in surprising behavior; a DNS label is recommended";

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request is { Operation: Operation.Create or Operation.Update, Subresource.Length: 0, Object: { } obj } && !request.Scope.Resource.IsCustom())
        {
            foreach (var warning in Of(KindRules.Id(request.Scope.Resource), obj, request.Old)) { request.Scope.Request.Warn(warning); }
        }

        return ValueTask.CompletedTask;
    }

    private static IEnumerable<string> Of(string kind, JsonObject obj, JsonObject? old) => kind switch
    {
        // Pods are updated all the time, and seldom by people.
        "/Pod" => old is null ? Name(obj, "the Pod's hostname").Concat(PodWarnings.Of(obj, "")) : [],
        "apps/Deployment" or "apps/ReplicaSet" or "/ReplicationController" => Name(obj, old).Concat(Template(obj, old, "spec.template")),
        "apps/StatefulSet" => Template(obj, old, "spec.template").Concat(Claims(obj, old is null)).Concat(History(obj)),
        "apps/DaemonSet" => Template(obj, old, "spec.template"),
        "batch/Job" => Name(obj, old).Concat(JobSpec(obj, old, "spec")),
        "batch/CronJob" => Name(obj, old).Concat(JobSpec(obj, old, "spec.jobTemplate.spec")),
        "/PodTemplate" => Template(obj, old, "template"),
        "/Service" => ServiceWarnings.Of(obj),
        "/Endpoints" => AddressWarnings.OfEndpoints(obj),
        "discovery.k8s.io/EndpointSlice" => AddressWarnings.OfSlice(obj, old is null),
        "networking.k8s.io/NetworkPolicy" => AddressWarnings.OfPolicy(obj),
        "/Node" => Node(obj.Spec() ?? []),
        "/PersistentVolume" => StorageWarnings.OfVolume(obj),
        "/PersistentVolumeClaim" => StorageWarnings.OfClaim(obj),
        "networking.k8s.io/Ingress" => old is null && HasAnnotation(obj, "kubernetes.io/ingress.class")
            ? ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"] : [],
        "node.k8s.io/RuntimeClass" => (obj.Object("scheduling")?.Object("nodeSelector") ?? [])
            .Where(static label => NodeLabelWarnings.IsOld(label.Key)).Select(static label => $"scheduling.nodeSelector: {NodeLabelWarnings.Of(label.Key)}"),
        "storage.k8s.io/StorageClass" => StorageWarnings.OfClass(obj),
        "storage.k8s.io/CSIDriver" => old is null && obj.Spec()?.List("tokenRequests") is { Count: > 0 } && obj.Spec()!["serviceAccountTokenInSecrets"] is null
            ? [TokensInSecrets] : [],
        "resource.k8s.io/ResourceSlice" => obj.Spec()?.Text("driver") is { } driver && driver.Any(char.IsUpper)
            ? [$"spec.driver: driver names should be lowercase; {FieldError.Quote(driver)} contains uppercase characters"] : [],
        _ => [],
    };

    private static IEnumerable<string> Name(JsonObject obj, JsonObject? old) => old is null ? Name(obj, "Pod names and hostnames") : [];

    private static IEnumerable<string> Name(JsonObject obj, string use) =>
        ObjectNames.Dns1123Label(obj.Name()) is { Count: > 0 } errors ? [$"metadata.name: this is used in {use}, {HostName}: [{string.Join(' ', errors)}]"] : [];

    /// <summary>Of an update only where it changes what pods are made of.</summary>
    private static IEnumerable<string> Template(JsonObject obj, JsonObject? old, string path)
    {
        var template = At(obj, path);
        return template is null || (old is not null && JsonNode.DeepEquals(template, At(old, path))) ? [] : PodWarnings.Of(template, path);
    }

    private static JsonObject? At(JsonObject obj, string path) => path.Split('.').Aggregate(obj, static (JsonObject? at, string field) => at?.Object(field));

    private static IEnumerable<string> JobSpec(JsonObject obj, JsonObject? old, string path)
    {
        var spec = At(obj, path) ?? [];
        return spec.Text("completionMode") == "Indexed" && spec.Number("completions") > 100_000 && spec.Number("parallelism") > 10_000
            ? Template(obj, old, $"{path}.template").Prepend($"{path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail")
            : Template(obj, old, $"{path}.template");
    }

    // Upstream's paths of the two differ.
    private static IEnumerable<string> Claims(JsonObject set, bool isNew) => (set.Spec() ?? []).Items("volumeClaimTemplates")
        .SelectMany((claim, index) => StorageWarnings.OfClaimSpec(claim.Spec() ?? [], $"spec.volumeClaimTemplates[{index}]{(isNew ? "" : ".Spec")}"));

    private static IEnumerable<string> History(JsonObject set) => set.Spec()?.Number("revisionHistoryLimit") < 0
        ? ["spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"] : [];

    private static IEnumerable<string> Node(JsonObject spec)
    {
        if (spec.Text("externalID") is { Length: > 0 }) { yield return "spec.externalID: this field is deprecated, and is unused by Kubernetes"; }
    }

    private static bool HasAnnotation(JsonObject obj, string name) => obj.Metadata()?.Object("annotations")?.ContainsKey(name) == true;
}
