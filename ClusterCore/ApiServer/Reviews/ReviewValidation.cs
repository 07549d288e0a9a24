using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Reviews;

/// <summary>What is wrong with a question about access.</summary>
internal static class ReviewValidation
{
    private const string Local = "LocalSubjectAccessReview";

    /// <summary>Upstream refuses these without the kind: <c>.authorization.k8s.io "" is invalid</c>.</summary>
    public static void Check(string kind, JsonObject review, string @namespace)
    {
        var errors = new FieldErrors();
        Spec(review.Spec() ?? [], hasSubject: kind != "SelfSubjectAccessReview", errors);
        if (ObjectMeta.Of(review).Any(member => member.Value is not null && member.Key != "managedFields" && (member.Key != "namespace" || kind != Local)))
        {
            errors.Invalid("metadata", review["metadata"], kind == Local ? "must be empty except for namespace" : "must be empty");
        }

        if (kind == Local) { InNamespace(review.Spec() ?? [], @namespace, errors); }
        if (errors.Any) { throw Refusal.Invalid("authorization.k8s.io", "", "", [.. errors.List.Select(error => new StatusCause(error.Reason, error.Body, error.Field))]); }
    }

    private static void Spec(JsonObject spec, bool hasSubject, FieldErrors errors)
    {
        var (resource, path) = (spec.Object("resourceAttributes"), spec.Object("nonResourceAttributes"));
        if (resource is not null && path is not null)
        {
            errors.Invalid("spec.nonResourceAttributes", path, "cannot be specified in combination with resourceAttributes");
        }
        else if (resource is null && path is null)
        {
            errors.Invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (hasSubject && !spec.Has("user") && spec.List("groups") is not { Count: > 0 }) { errors.Invalid("spec.user", "", "at least one of user or group must be specified"); }
        foreach (var name in (ReadOnlySpan<string>)["fieldSelector", "labelSelector"])
        {
            if (resource?.Object(name) is { } selector) { Selector(selector, $"spec.resourceAttributes.{name}", errors); }
        }
    }

    private static void Selector(JsonObject selector, string at, FieldErrors errors)
    {
        var hasRequirements = selector.List("requirements") is { Count: > 0 };
        if (selector.Has("rawSelector") && hasRequirements)
        {
            errors.Invalid($"{at}.rawSelector", selector.Text("rawSelector"), "may not specified at the same time as requirements");
        }
        else if (!selector.Has("rawSelector") && !hasRequirements)
        {
            errors.Required($"{at}.requirements", $"when {at} is specified, requirements or rawSelector is required");
        }
    }

    private static void InNamespace(JsonObject spec, string @namespace, FieldErrors errors)
    {
        if (spec.Object("resourceAttributes") is { } resource && (resource.Text("namespace") ?? "") != @namespace)
        {
            errors.Invalid("spec.resourceAttributes.namespace", resource.Text("namespace") ?? "", "must match metadata.namespace");
        }

        if (spec.Object("nonResourceAttributes") is { } path) { errors.Invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request"); }
    }
}
