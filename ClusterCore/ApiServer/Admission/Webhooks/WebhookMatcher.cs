using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>Decides whether a webhook is to see a request.</summary>
internal sealed class WebhookMatcher(ServedResources resources, NamespaceLabels namespaces)
{
    private const string Group = "admissionregistration.k8s.io";

    /// <summary>Webhooks do not decide over what configures admission: a broken one could not be repaired.</summary>
    public static bool IsExempt(AdmissionRequest request) => request.Scope.Resource is
    {
        Group: Group,
        Plural: "validatingwebhookconfigurations" or "mutatingwebhookconfigurations" or "validatingadmissionpolicies"
            or "validatingadmissionpolicybindings" or "mutatingadmissionpolicies" or "mutatingadmissionpolicybindings",
    };

    public async ValueTask<WebhookInvocation?> MatchAsync(Webhook webhook, AdmissionRequest request)
    {
        // What costs least is asked first; a namespace that is not there matters only to a webhook that would be called.
        if (!MatchesObject(webhook.ObjectSelector, request) || ByRules(webhook, request) is not { } resource) { return null; }
        return await MatchesNamespaceAsync(webhook.NamespaceSelector, request) ? new(webhook, resource) : null;
    }

    private ResourceInfo? ByRules(Webhook webhook, AdmissionRequest request)
    {
        var own = request.Scope.Resource;
        if (webhook.Rules.Any(rule => rule.Matches(request, own))) { return own; }
        if (!webhook.MatchesEquivalent) { return null; }
        var equivalents = resources.EquivalentsOf(own).ToArray();
        return webhook.Rules.Select(rule => Array.Find(equivalents, other => rule.Matches(request, other))).FirstOrDefault(found => found is not null);
    }

    private async ValueTask<bool> MatchesNamespaceAsync(LabelSelector selector, AdmissionRequest request)
    {
        if (selector.IsEmpty) { return true; }
        var resource = request.Scope.Resource;
        if (resource is { Group: "", Kind: "Namespace" })
        {
            var own = request.Operation is Operation.Create or Operation.Update ? request.Object : request.Old;
            return selector.Matches(own?["metadata"]?["labels"] as JsonObject);
        }

        if (!resource.Namespaced) { return true; }
        var labels = await namespaces.OfAsync(request.Namespace, request.Scope.Aborted)
            ?? throw Refusal.NotFound(NamespaceLabels.Resource, request.Namespace);
        return selector.Matches(labels);
    }

    private static bool MatchesObject(LabelSelector selector, AdmissionRequest request) =>
        selector.IsEmpty || Matches(selector, request.Object) || Matches(selector, request.Old);

    private static bool Matches(LabelSelector selector, JsonObject? obj) => obj is not null && selector.Matches(obj["metadata"]?["labels"] as JsonObject);
}
