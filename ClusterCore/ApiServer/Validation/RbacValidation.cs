using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class RbacValidation
{
    private const string Group = "rbac.authorization.k8s.io";

    public static void Role(JsonObject role, FieldErrors errors) => PolicyRules(role, isNamespaced: true, errors);

    public static void ClusterRole(JsonObject role, FieldErrors errors)
    {
        PolicyRules(role, isNamespaced: false, errors);
        if (role.Object("aggregationRule") is not { } aggregation)
        {
            return;
        }

        if (aggregation.List("clusterRoleSelectors") is not { Count: > 0 })
        {
            errors.Required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }

        var index = 0;
        foreach (var selector in aggregation.Items("clusterRoleSelectors"))
        {
            SelectorValidation.LabelSelector(selector, $"aggregationRule.clusterRoleSelectors[{index++}]", errors);
        }
    }

    public static void RoleBinding(JsonObject binding, FieldErrors errors) => Binding(binding, ["Role", "ClusterRole"], errors);

    public static void ClusterRoleBinding(JsonObject binding, FieldErrors errors) => Binding(binding, ["ClusterRole"], errors);

    public static void RoleRefUnchanged(JsonObject binding, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(binding["roleRef"], old["roleRef"]))
        {
            errors.Invalid("roleRef", binding["roleRef"], "cannot change roleRef");
        }
    }

    private static void PolicyRules(JsonObject role, bool isNamespaced, FieldErrors errors)
    {
        var index = 0;
        foreach (var rule in role.Items("rules"))
        {
            PolicyRule(rule, isNamespaced, $"rules[{index++}]", errors);
        }
    }

    private static void PolicyRule(JsonObject rule, bool isNamespaced, string path, FieldErrors errors)
    {
        bool Has(string list) => rule.List(list) is { Count: > 0 };
        if (!Has("verbs"))
        {
            errors.Required($"{path}.verbs", "verbs must contain at least one value");
        }

        if (Has("nonResourceURLs"))
        {
            if (isNamespaced)
            {
                errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs");
            }

            if (Has("apiGroups") || Has("resources") || Has("resourceNames"))
            {
                errors.Invalid($"{path}.nonResourceURLs", rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs");
            }

            return;
        }

        if (!Has("apiGroups"))
        {
            errors.Required($"{path}.apiGroups", "resource rules must supply at least one api group");
        }

        if (!Has("resources"))
        {
            errors.Required($"{path}.resources", "resource rules must supply at least one resource");
        }
    }

    private static void Binding(JsonObject binding, string[] roleKinds, FieldErrors errors)
    {
        var reference = binding.Object("roleRef") ?? [];
        if (reference.Text("apiGroup") != Group)
        {
            errors.NotSupported("roleRef.apiGroup", reference.Text("apiGroup") ?? "", [Group]);
        }

        if (!roleKinds.Contains(reference.Text("kind"), StringComparer.Ordinal))
        {
            errors.NotSupported("roleRef.kind", reference.Text("kind") ?? "", roleKinds);
        }

        Rules.Required(reference, "name", "roleRef", errors, ObjectNames.PathSegment);
        var index = 0;
        foreach (var subject in binding.Items("subjects"))
        {
            Subject(subject, $"subjects[{index++}]", errors);
        }
    }

    private static void Subject(JsonObject subject, string path, FieldErrors errors)
    {
        Rules.Required(subject, "name", path, errors);
        switch (subject.Text("kind"))
        {
            case "ServiceAccount":
                Rules.Optional(subject, "name", path, errors, ObjectNames.Dns1123Subdomain);
                if (subject.Has("apiGroup"))
                {
                    errors.NotSupported($"{path}.apiGroup", subject.Text("apiGroup"), [""]);
                }

                Rules.Required(subject, "namespace", path, errors);
                break;
            case "User" or "Group":
                if (subject.Text("apiGroup") != Group)
                {
                    errors.NotSupported($"{path}.apiGroup", subject.Text("apiGroup") ?? "", [Group]);
                }

                break;
            case var unknown:
                errors.NotSupported($"{path}.kind", unknown ?? "", ["ServiceAccount", "User", "Group"]);
                break;
        }
    }
}
