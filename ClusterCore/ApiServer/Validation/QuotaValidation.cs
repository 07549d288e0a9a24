using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What a quota limits, and of which pods.</summary>
internal static class QuotaValidation
{
    private static readonly HashSet<string> Standard = new(StringComparer.Ordinal)
    {
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu",
        "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers", "secrets",
        "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers",
    };

    private static readonly HashSet<string> Scopes = new(StringComparer.Ordinal)
    {
        "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity", "VolumeAttributesClass",
    };

    public static void Quota(JsonObject quota, FieldErrors errors)
    {
        foreach (var (name, value) in quota.Spec()?.Object("hard") ?? [])
        {
            Name(name, $"spec.hard[{name}]", errors);
            if (Quantity.TryParse(value?.ToString(), out var hard) && hard.Sign < 0)
            {
                errors.Invalid($"spec.hard[{name}]", hard.ToString(), "must be greater than or equal to 0");
            }
        }

        var scopes = quota.Spec()?.Texts("scopes").ToList() ?? [];
        foreach (var _ in scopes.Where(static scope => !Scopes.Contains(scope)))
        {
            errors.Invalid("spec.scopes", quota.Spec()!["scopes"], "unsupported scope");
        }

        foreach (var (one, other) in (ReadOnlySpan<(string, string)>)[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")])
        {
            if (scopes.Contains(one) && scopes.Contains(other))
            {
                errors.Invalid("spec.scopes", quota.Spec()!["scopes"], "conflicting scopes");
            }
        }
    }

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
        if (name.Contains('/') || Standard.Contains(name) || IsHugePages(name))
        {
            return;
        }

        errors.Invalid(path, name, "must be a standard resource type or fully qualified");
        errors.Invalid(path, name, "must be a standard resource for quota");
    }

    private static bool IsHugePages(string name) =>
        name.StartsWith("hugepages-", StringComparison.Ordinal) || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);
}
