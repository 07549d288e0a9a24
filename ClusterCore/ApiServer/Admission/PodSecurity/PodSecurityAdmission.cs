using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>Holds pods to the Pod Security Standard their namespace is labelled with, and warns of templates that would not get pods.</summary>
internal sealed class PodSecurityAdmission(WatchFeed feed, NamespaceLabels namespaces) : IAdmissionPlugin
{
    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation is not (Operation.Create or Operation.Update)) { return ValueTask.CompletedTask; }
        var resource = request.Scope.Resource;
        if (resource is { Group: "", Kind: "Pod" }) { return CheckPodAsync(request); }
        if (request.Subresource.Length > 0) { return ValueTask.CompletedTask; }
        if (resource is { Group: "", Kind: "Namespace" }) { CheckNamespace(request); }
        return PodTemplates.Of(resource, request.Object!) is { } template ? WarnAsync(request, template) : ValueTask.CompletedTask;
    }

    private async ValueTask CheckPodAsync(AdmissionRequest request)
    {
        if (!request.IsWholeObject || request.Subresource == "status" || await PolicyAsync(request) is not { AsksNothing: false } policy) { return; }
        if (request.Old is { } old && !PodTemplates.ChangesContainers(old, request.Object!)) { return; }
        var pod = new CheckedPod(request.Object!.Metadata(), request.Object!.Spec() ?? []);
        if (SecurityChecks.Run(policy.Enforce, pod) is { Count: > 0 } violations)
        {
            throw Refusal.Forbidden(request.Scope.GroupResource, request.Name, $"violates PodSecurity \"{policy.Enforce}\": {Violation.Describe(violations)}");
        }

        Warn(request, policy.Warn, pod);
    }

    private async ValueTask WarnAsync(AdmissionRequest request, JsonObject template)
    {
        if (await PolicyAsync(request) is not { AsksNothing: false } policy) { return; }
        Warn(request, policy.Warn, new(template.Metadata(), template.Spec() ?? []));
    }

    private static void Warn(AdmissionRequest request, SecurityStandard standard, CheckedPod pod)
    {
        if (SecurityChecks.Run(standard, pod) is { Count: > 0 } violations)
        {
            request.Scope.Request.Warn($"would violate PodSecurity \"{standard}\": {Violation.Describe(violations)}");
        }
    }

    private async ValueTask<SecurityPolicy?> PolicyAsync(AdmissionRequest request) =>
        await namespaces.OfAsync(request.Namespace, request.Scope.Aborted) is { Count: > 0 } labels ? SecurityPolicy.Read(labels, out _) : null;

    private void CheckNamespace(AdmissionRequest request)
    {
        var policy = SecurityPolicy.Read(NamespaceLabels.Of(request.Object!), out var errors);
        if (request.Old is null)
        {
            if (errors.Count > 0) { throw ObjectRules.Invalid(request.Scope.Resource, request.Name, errors); }
            return;
        }

        var old = SecurityPolicy.Read(NamespaceLabels.Of(request.Old), out var oldErrors);
        if (errors.Count > 0 && !errors.SequenceEqual(oldErrors)) { throw ObjectRules.Invalid(request.Scope.Resource, request.Name, errors); }
        var isStricter = policy.Enforce.Minor != old.Enforce.Minor || policy.Enforce.Level > old.Enforce.Level;
        if (policy.Enforce == old.Enforce || policy.Enforce.Level == SecurityLevel.Privileged || !isStricter) { return; }
        foreach (var warning in ExistingPods.Warnings(feed, request.Name, policy.Enforce)) { request.Scope.Request.Warn(warning); }
    }
}
