using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What a quota limits, and of which pods.</summary>
internal static class QuotaValidation
{
    private const string NotOfResource = "unsupported scope applied to resource";

    private static readonly HashSet<string> standard = new(StringComparer.Ordinal)
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu",
        "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers", "secrets",
        "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers",
    };

    private static readonly HashSet<string> scopeNames = new(StringComparer.Ordinal)
    {
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity", "VolumeAttributesClass",
    };

    public static void Quota(JsonObject quota, FieldErrors errors)
    {
        var spec = quota.Spec() ?? [];
        foreach (var (name, value) in spec.Object("hard") ?? [])
        {
            Name(name, $"spec.hard[{name}]", errors);
            NodeValidation.ResourceQuantity(name, value, $"spec.hard[{name}]", errors);
        }

        Scopes(spec, errors);
        Selector(spec, errors);
    }

    private static void Scopes(JsonObject spec, FieldErrors errors)
    {
        var scopes = spec.Texts("scopes").ToList();
        foreach (var scope in scopes)
        {
            if (!scopeNames.Contains(scope)) { errors.Invalid("spec.scopes", spec["scopes"], "unsupported scope"); }
            foreach (var _ in Unlimited(spec, scope)) { errors.Invalid("spec.scopes", spec["scopes"], NotOfResource); }
        }

        Conflicts(scopes, "spec.scopes", spec["scopes"], errors);
    }

    private static void Selector(JsonObject spec, FieldErrors errors)
    {
        const string path = "spec.scopeSelector.matchExpressions";
        var selector = spec.Object("scopeSelector") ?? [];
        foreach (var expression in selector.Items("matchExpressions"))
        {
            var (scope, found) = (expression.Text("scopeName") ?? "", expression.Text("operator") ?? "");
            if (!scopeNames.Contains(scope)) { errors.Invalid($"{path}.scopeName", scope, "unsupported scope"); }
            foreach (var _ in Unlimited(spec, scope)) { errors.Invalid(path, selector, NotOfResource); }
            if (scopeNames.Contains(scope) && scope is not ("PriorityClass" or "VolumeAttributesClass") && found != "Exists")
            {
                errors.Invalid(
                    $"{path}.operator", found,
                    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity");
            }

            Operator(expression, found, path, errors);
        }

        Conflicts([.. selector.Items("matchExpressions").Select(static one => one.Text("scopeName") ?? "")], "spec.scopeSelector.matchExpressions", spec["scopes"], errors);
    }

    private static void Operator(JsonObject expression, string found, string path, FieldErrors errors)
    {
        var hasValues = expression.List("values") is { Count: > 0 };
        switch (found)
        {
            case "In" or "NotIn":
                if (!hasValues) { errors.Required($"{path}.values", "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"); }
                break;
            case "Exists" or "DoesNotExist":
                if (hasValues) { errors.Invalid($"{path}.values", expression["values"], "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"); }
                break;
            default:
                errors.Invalid($"{path}.operator", found, "not a valid selector operator");
                break;
        }
    }

    private static void Conflicts(List<string> scopes, string path, JsonNode? shown, FieldErrors errors)
    {
        foreach (var (one, other) in (ReadOnlySpan<(string, string)>)[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")])
        {
            if (scopes.Contains(one) && scopes.Contains(other)) { errors.Invalid(path, shown, "conflicting scopes"); }
        }
    }

    /// <summary>What the quota limits and the scope's objects have not.</summary>
    private static IEnumerable<string> Unlimited(JsonObject spec, string scope) => (spec.Object("hard") ?? []).Select(static limit => limit.Key)
        .Where(name => IsStandard(name) && scope switch
        {
            "BestEffort" => name != "pods",
            "VolumeAttributesClass" => name is not ("persistentvolumeclaims" or "requests.storage"),
            _ when scopeNames.Contains(scope) => name is not ("pods" or "cpu" or "memory" or "limits.cpu" or "limits.memory" or "requests.cpu" or "requests.memory"),
            _ => false,
        });

    public static void ScopesUnchanged(JsonObject quota, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(quota.Spec()?["scopes"], old.Spec()?["scopes"]))
        {
            errors.Invalid("spec.scopes", quota.Spec()?["scopes"], Rules.Immutable);
        }
    }

    private static void Name(string name, string path, FieldErrors errors)
    {
        errors.Check(path, name, ObjectNames.QualifiedName(name));
        if (name.Contains('/') || IsStandard(name))
        {
            return;
        }

        errors.Invalid(path, name, "must be a standard resource type or fully qualified");
        errors.Invalid(path, name, "must be a standard resource for quota");
    }

    private static bool IsStandard(string name) => standard.Contains(name)
        || name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);
}
