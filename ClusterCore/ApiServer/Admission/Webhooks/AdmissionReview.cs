using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Reviews;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>The question a webhook is asked (<c>admission.k8s.io AdmissionReview</c>).</summary>
internal sealed record AdmissionReview(string Uid, JsonObject Document)
{
    private const string Group = "admission.k8s.io";

    public static AdmissionReview Of(AdmissionRequest request, WebhookInvocation invocation)
    {
        var uid = Guid.NewGuid().ToString();
        var document = new JsonObject
        {
            ["kind"] = "AdmissionReview",
            ["apiVersion"] = $"{Group}/{invocation.Webhook.ReviewVersion}",
            ["request"] = Request(uid, request, invocation.Resource),
        };
        return new(uid, document);
    }

    private static JsonObject Request(string uid, AdmissionRequest request, ResourceInfo resource)
    {
        var asked = new JsonObject { ["uid"] = uid, ["kind"] = KindOf(request, resource), ["resource"] = ResourceOf(resource) };
        if (request.Subresource.Length > 0) { asked["subResource"] = request.Subresource; }
        asked["requestKind"] = KindOf(request, request.Scope.Resource);
        asked["requestResource"] = ResourceOf(request.Scope.Resource);
        if (request.Subresource.Length > 0) { asked["requestSubResource"] = request.Subresource; }
        if (request.Name.Length > 0) { asked["name"] = request.Name; }
        // A namespace is in itself, as webhooks see it.
        var @namespace = request.Scope.Resource is { Group: "", Kind: "Namespace" } ? request.Name : request.Namespace;
        if (@namespace.Length > 0) { asked["namespace"] = @namespace; }
        asked["operation"] = request.Operation.Name();
        asked["userInfo"] = UserView.Of(request.Scope.Request.User);
        asked["object"] = In(resource, request, request.Object);
        asked["oldObject"] = In(resource, request, request.Old);
        asked["dryRun"] = request.IsDryRun;
        asked["options"] = RequestOptions.Of(request);
        return asked;
    }

    /// <summary>The object in the version the webhook asked for; a subresource's own kind has one version only.</summary>
    private static JsonObject? In(ResourceInfo resource, AdmissionRequest request, JsonObject? obj)
    {
        var copy = obj?.DeepClone().AsObject();
        return copy is null || !request.IsWholeObject ? copy : StoredVersions.Read(resource, copy);
    }

    private static JsonObject KindOf(AdmissionRequest request, ResourceInfo resource)
    {
        var (group, version, kind) = request.KindIn(resource);
        return new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
    }

    private static JsonObject ResourceOf(ResourceInfo resource) =>
        new() { ["group"] = resource.Group, ["version"] = resource.Version, ["resource"] = resource.Plural };
}
