using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Where a pod may and should run: tolerations, affinity, spread.</summary>
internal static class PodPlacementValidation
{
    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public static void Tolerations(JsonObject spec, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var toleration in spec.Items("tolerations"))
        {
            Toleration(toleration, $"{path}.tolerations[{index++}]", errors);
        }
    }

    public static void Affinity(JsonObject? affinity, string path, FieldErrors errors)
    {
        if (affinity is null)
        {
            return;
        }

        NodeAffinity(affinity.Object("nodeAffinity"), $"{path}.nodeAffinity", errors);
        PodAffinity(affinity.Object("podAffinity"), $"{path}.podAffinity", errors);
        PodAffinity(affinity.Object("podAntiAffinity"), $"{path}.podAntiAffinity", errors);
    }

    public static void TopologySpread(JsonObject spec, string path, FieldErrors errors)
    {
        JsonObject[] constraints = [.. spec.Items("topologySpreadConstraints")];
        var index = 0;
        foreach (var constraint in constraints)
        {
            var at = $"{path}.topologySpreadConstraints[{index++}]";
            if (constraint.Number("maxSkew") is not > 0)
            {
                errors.Invalid($"{at}.maxSkew", constraint.Number("maxSkew") ?? 0, "must be greater than zero");
            }

            if (!constraint.Has("topologyKey")) { errors.Required($"{at}.topologyKey", "can not be empty"); }
            Rules.OneOf(constraint, "whenUnsatisfiable", at, errors, "DoNotSchedule", "ScheduleAnyway");
            // The first of two that are the same is named, and two fields at once.
            if (constraints[index..].Any(other => IsSame(constraint, other)))
            {
                errors.Duplicate($"{at}.{{topologyKey, whenUnsatisfiable}}", $"{{{constraint.Text("topologyKey")}, {constraint.Text("whenUnsatisfiable")}}}");
            }

            if (constraint.Number("minDomains") is <= 0 and var domains)
            {
                errors.Invalid($"{at}.minDomains", domains, "must be greater than zero");
            }

            if (constraint["minDomains"] is not null && constraint.Text("whenUnsatisfiable") != "DoNotSchedule")
            {
                errors.Invalid($"{at}.minDomains", constraint.Number("minDomains"), "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway");
            }

            Rules.OneOf(constraint, "nodeAffinityPolicy", at, errors, "Honor", "Ignore");
            Rules.OneOf(constraint, "nodeTaintsPolicy", at, errors, "Honor", "Ignore");
            LabelKeys(constraint, at, errors);
            SelectorValidation.LabelSelector(constraint.Object("labelSelector"), $"{at}.labelSelector", errors);
        }
    }

    private static bool IsSame(JsonObject one, JsonObject other) =>
        one.Text("topologyKey") == other.Text("topologyKey") && one.Text("whenUnsatisfiable") == other.Text("whenUnsatisfiable");

    private static void Toleration(JsonObject toleration, string path, FieldErrors errors)
    {
        Rules.Optional(toleration, "key", path, errors, ObjectNames.QualifiedName);
        var kind = toleration.Text("operator") ?? "";
        if (!toleration.Has("key") && kind != "Exists")
        {
            errors.Invalid($"{path}.operator", kind, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }

        if (toleration["tolerationSeconds"] is not null && toleration.Text("effect") != "NoExecute")
        {
            errors.Invalid($"{path}.effect", toleration.Text("effect") ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        switch (kind)
        {
            case "" or "Equal":
                if (ObjectNames.LabelValue(toleration.Text("value") ?? "") is { Count: > 0 } wrong) { errors.Invalid($"{path}.operator", toleration.Text("value"), string.Join(';', wrong)); }
                break;
            case "Exists":
                if (toleration.Has("value"))
                {
                    errors.Invalid($"{path}.operator", toleration.Text("value"), "value must be empty when `operator` is 'Exists'");
                }

                break;
            case "Lt" or "Gt":
                errors.NotSupported($"{path}.operator", kind, ["Equal", "Exists", "Lt", "Gt"]);
                break;
            default:
                errors.NotSupported($"{path}.operator", kind, ["Equal", "Exists"]);
                break;
        }

        if (toleration.Has("effect"))
        {
            Rules.OneOf(toleration, "effect", path, errors, Effects);
        }
    }

    private static void NodeAffinity(JsonObject? affinity, string path, FieldErrors errors)
    {
        if (affinity?.Object("requiredDuringSchedulingIgnoredDuringExecution") is { } required)
        {
            SelectorValidation.NodeSelector(required, $"{path}.requiredDuringSchedulingIgnoredDuringExecution", errors);
        }

        var index = 0;
        foreach (var preferred in affinity?.Items("preferredDuringSchedulingIgnoredDuringExecution") ?? [])
        {
            var at = $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{index++}]";
            Weight(preferred, at, errors);
            SelectorValidation.NodeSelectorTerm(preferred.Object("preference") ?? [], $"{at}.preference", errors, checksValues: false);
        }
    }

    private static void PodAffinity(JsonObject? affinity, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var term in affinity?.Items("requiredDuringSchedulingIgnoredDuringExecution") ?? [])
        {
            PodAffinityTerm(term, $"{path}.requiredDuringSchedulingIgnoredDuringExecution[{index++}]", errors);
        }

        index = 0;
        foreach (var preferred in affinity?.Items("preferredDuringSchedulingIgnoredDuringExecution") ?? [])
        {
            var at = $"{path}.preferredDuringSchedulingIgnoredDuringExecution[{index++}]";
            Weight(preferred, at, errors);
            PodAffinityTerm(preferred.Object("podAffinityTerm") ?? [], $"{at}.podAffinityTerm", errors);
        }
    }

    private static void PodAffinityTerm(JsonObject term, string path, FieldErrors errors)
    {
        SelectorValidation.LabelSelector(term.Object("labelSelector"), $"{path}.labelSelector", errors);
        SelectorValidation.LabelSelector(term.Object("namespaceSelector"), $"{path}.namespaceSelector", errors);
        foreach (var name in term.Texts("namespaces"))
        {
            errors.Check($"{path}.namespace", name, ObjectNames.Dns1123Label(name));
        }

        LabelKeys(term, path, errors);
        TopologyKey(term, path, errors);
    }

    /// <summary>
    /// The keys beside a selector. Those of a pod are in its selector already: a key that is there a second time was asked for twice.
    /// </summary>
    private static void LabelKeys(JsonObject term, string path, FieldErrors errors)
    {
        string[] keys = [.. term.Texts("matchLabelKeys")], others = [.. term.Texts("mismatchLabelKeys")];
        LabelKeyNames(term, "matchLabelKeys", keys, path, errors);
        LabelKeyNames(term, "mismatchLabelKeys", others, path, errors);
        var selected = term.Object("labelSelector")?.Object("matchLabels")?.Select(label => label.Key).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var requirement in term.Object("labelSelector")?.Items("matchExpressions") ?? [])
        {
            var key = requirement.Text("key") ?? "";
            // The last of equal keys, and the path without the list, as upstream has them.
            if (!selected.Add(key) && Array.LastIndexOf(keys, key) is >= 0 and var index)
            {
                errors.Invalid($"{path}[{index}]", key, "exists in both matchLabelKeys and labelSelector");
            }
        }

        foreach (var (index, key) in keys.Index().Where(entry => others.Contains(entry.Item, StringComparer.Ordinal)))
        {
            errors.Invalid($"{path}.matchLabelKeys[{index}]", key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }

    private static void LabelKeyNames(JsonObject term, string list, string[] keys, string path, FieldErrors errors)
    {
        if (keys.Length > 0 && term.Object("labelSelector") is null)
        {
            errors.Forbidden($"{path}.{list}", "must not be specified when labelSelector is not set");
            return;
        }

        foreach (var (index, key) in keys.Index()) { errors.Check($"{path}.{list}[{index}]", key, ObjectNames.QualifiedName(key)); }
    }

    private static void TopologyKey(JsonObject term, string path, FieldErrors errors)
    {
        if (!term.Has("topologyKey")) { errors.Required($"{path}.topologyKey", "can not be empty"); }
        errors.Check($"{path}.topologyKey", term.Text("topologyKey") ?? "", ObjectNames.QualifiedName(term.Text("topologyKey") ?? ""));
    }

    private static void Weight(JsonObject preferred, string path, FieldErrors errors)
    {
        if (preferred.Number("weight") is not (>= 1 and <= 100))
        {
            errors.Invalid($"{path}.weight", preferred.Number("weight") ?? 0, "must be in the range 1-100");
        }
    }
}
