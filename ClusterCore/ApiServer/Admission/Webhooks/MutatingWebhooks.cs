using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>Lets the cluster's mutating webhooks change a request, one after the other, each seeing what those before it left.</summary>
internal sealed class MutatingWebhooks(WebhookTable table, WebhookMatcher matcher, WebhookCaller caller, ObjectRules rules) : IAdmissionPlugin
{
    public async ValueTask MutateAsync(AdmissionRequest request)
    {
        if (table.All is not { Count: > 0 } webhooks || WebhookMatcher.IsExempt(request)) { return; }
        request.Reinvocation.Compare(request.Object);
        foreach (var webhook in webhooks)
        {
            if (request.Reinvocation.MayCall(webhook.Id) && await matcher.MatchAsync(webhook, request) is { } invocation)
            {
                await CallAsync(request, invocation);
            }
        }

        request.Reinvocation.Remember(request.Object);
    }

    private async ValueTask CallAsync(AdmissionRequest request, WebhookInvocation invocation)
    {
        var webhook = invocation.Webhook;
        var outcome = await caller.CallAsync(request, invocation, mayPatch: true);
        foreach (var warning in outcome.Warnings) { request.Scope.Request.Warn(warning); }
        switch (outcome)
        {
            case WebhookOutcome.Refused refused: throw new StatusException(refused.Status);
            case WebhookOutcome.Failed failed when !webhook.FailsOpen: throw WebhookRefusal.Uncallable(webhook, failed.Reason);
        }

        var changed = outcome is WebhookOutcome.Allowed { Patch: { } patch } && Apply(request, invocation, patch);
        request.Reinvocation.Called(webhook.Id, changed, webhook.WantsReinvocation);
    }

    /// <summary>The patched object takes the place of the request's: read again under its schema, and with its defaults.</summary>
    private bool Apply(AdmissionRequest request, WebhookInvocation invocation, JsonArray patch)
    {
        if (request.Object is not { } obj)
        {
            throw Refusal.Internal($"admission webhook \"{invocation.Webhook.Name}\" attempted to modify the object, which is not supported for this operation");
        }

        var scope = request.Scope;
        var isConverted = invocation.Resource != scope.Resource;
        var seen = isConverted ? StoredVersions.Read(invocation.Resource, obj.DeepClone().AsObject()) : obj;
        var result = JsonPatch.Apply(seen, patch);
        var decoded = JsonCodec.Decode(JsonCodec.Encode(result.Object ?? throw Refusal.Internal(result.Error ?? "the patch could not be applied")), SchemaOf(request, invocation.Resource));
        var patched = decoded.Object ?? throw Refusal.Internal(decoded.Error ?? "the patched object could not be decoded");
        if (isConverted) { patched = StoredVersions.Read(scope.Resource, patched); }
        if (request.IsWholeObject) { rules.Default(scope, patched); }
        if (JsonNode.DeepEquals(obj, patched)) { return false; }
        obj.Clear();
        foreach (var (name, value) in patched) { obj[name] = value?.DeepClone(); }
        return true;
    }

    private static ISchema SchemaOf(AdmissionRequest request, ResourceInfo resource)
    {
        if (request.IsWholeObject) { return resource.Schema; }
        var (group, version, kind) = request.KindIn(resource);
        return ApiCatalog.Default.TypeOf(group.Length == 0 ? version : $"{group}/{version}", kind) ?? (ISchema)ScalarSchema.Any;
    }
}
