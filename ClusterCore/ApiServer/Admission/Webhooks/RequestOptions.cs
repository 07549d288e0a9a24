using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>The options a request came with, as the object upstream makes of its query or body.</summary>
internal static class RequestOptions
{
    public static JsonObject? Of(AdmissionRequest request) => request.Operation switch
    {
        Operation.Create => Write("CreateOptions", request),
        Operation.Update => Write("UpdateOptions", request),
        Operation.Delete => Delete(request.DeleteOptions),
        _ => null,
    };

    private static JsonObject Write(string kind, AdmissionRequest request)
    {
        var options = Empty(kind);
        if (request.IsDryRun) { options["dryRun"] = new JsonArray("All"); }
        foreach (var name in (string[])["fieldManager", "fieldValidation"])
        {
            if (request.Scope.Request.Query(name) is { Length: > 0 } value) { options[name] = value; }
        }

        return options;
    }

    private static JsonObject Delete(DeleteOptions? asked)
    {
        var options = Empty("DeleteOptions");
        if (asked is null) { return options; }
        if (asked.GracePeriodSeconds is { } seconds) { options["gracePeriodSeconds"] = seconds; }
        var preconditions = new JsonObject();
        if (asked.Uid is { } uid) { preconditions["uid"] = uid; }
        if (asked.ResourceVersion is { } version) { preconditions["resourceVersion"] = version; }
        if (preconditions.Count > 0) { options["preconditions"] = preconditions; }
        if (asked.PropagationPolicy is { } policy) { options["propagationPolicy"] = policy; }
        if (asked.DryRun) { options["dryRun"] = new JsonArray("All"); }
        return options;
    }

    private static JsonObject Empty(string kind) => new() { ["kind"] = kind, ["apiVersion"] = "meta.k8s.io/v1" };
}
