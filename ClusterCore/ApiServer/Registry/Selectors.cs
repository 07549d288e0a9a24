using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Selectors from the query. Which fields can be selected is fixed per kind.</summary>
internal static class Selectors
{
    private static readonly string[] always = ["metadata.name", "metadata.namespace"];

    private static readonly Dictionary<string, string[]> selectable = new(StringComparer.Ordinal)
    {
        ["/Pod"] = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"],
        ["/Node"] = ["spec.unschedulable"],
        ["/Namespace"] = ["status.phase"],
        ["/Secret"] = ["type"],
        ["/Service"] = ["spec.clusterIP", "spec.type"],
        ["/ReplicationController"] = ["status.replicas"],
        ["apps/ReplicaSet"] = ["status.replicas"],
        ["batch/Job"] = ["status.successful"],
        ["certificates.k8s.io/CertificateSigningRequest"] = ["spec.signerName"],
        ["resource.k8s.io/ResourceSlice"] = ["spec.nodeName", "spec.driver"],
        ["/Event"] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        ["events.k8s.io/Event"] =
        [
            "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion", "regarding.resourceVersion",
            "regarding.fieldPath", "reason", "reportingController", "source", "type",
        ],
    };

    public static LabelSelector Labels(string text) =>
        LabelSelector.TryParse(text, out var selector, out var error) ? selector : throw Refusal.BadRequest(error ?? "invalid label selector");

    public static FieldSelector Fields(Scope scope, string text)
    {
        if (!FieldSelector.TryParse(text, out var selector, out var error)) { throw Refusal.BadRequest(error ?? "invalid field selector"); }
        foreach (var term in selector.Terms)
        {
            if (!IsSelectable(scope, term.Field)) { throw Refusal.BadRequest(Unknown(scope.Resource, term.Field)); }
        }

        return selector;
    }

    /// <summary>Kinds with fields of their own say it in one way, those without in another.</summary>
    private static string Unknown(ResourceInfo resource, string field) => KindRules.Id(resource) switch
    {
        "batch/Job" => $"field label {FieldError.Quote(field)} not supported for batchv1.Job",
        "resource.k8s.io/ResourceSlice" => $"field label not supported for {resource.ApiVersion}, Kind={resource.Kind}: {field}",
        var id when resource.IsCustom() || selectable.ContainsKey(id) => $"field label not supported: {field}",
        _ => $"{FieldError.Quote(field)} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
    };

    private static bool IsSelectable(Scope scope, string path) =>
        Array.IndexOf(always, path) >= 0
        || (selectable.TryGetValue(KindRules.Id(scope.Resource), out var known) && Array.IndexOf(known, path) >= 0)
        || scope.Custom?.SelectableFields.Contains(path, StringComparer.Ordinal) == true;
}
