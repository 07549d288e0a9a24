using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>By which ends of its pods a job counts as failed, and by which it is done.</summary>
internal static class JobPolicyValidation
{
    private const int MostRules = 20;
    private const int MostPatterns = 20;
    private const int MostExitCodes = 255;
    private const int LongestIndexes = 64 * 1024;

    private static readonly string[] actions = ["Count", "FailIndex", "FailJob", "Ignore"];
    private static readonly string[] operators = ["In", "NotIn"];
    private static readonly string[] statuses = ["False", "True", "Unknown"];

    public static void Failure(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Object("podFailurePolicy") is not { } policy) { return; }
        var pod = spec.Object("template")?.Spec() ?? [];
        var names = pod.Items("containers").Concat(pod.Items("initContainers")).Select(static container => container.Text("name") ?? "").ToHashSet(StringComparer.Ordinal);
        TooMany(policy, "rules", MostRules, $"{path}.podFailurePolicy", errors);
        foreach (var (index, rule) in policy.Items("rules").Index())
        {
            var at = $"{path}.podFailurePolicy.rules[{index}]";
            Action(rule, spec, at, errors);
            if (rule.Object("onExitCodes") is { } codes) { ExitCodes(codes, names, $"{at}.onExitCodes", errors); }
            Conditions(rule, at, errors);
            var (byCode, byCondition) = (rule["onExitCodes"] is not null, rule.List("onPodConditions") is { Count: > 0 });
            if (byCode && byCondition) { errors.Add(FieldError.InvalidAsAWhole(at, "specifying both OnExitCodes and OnPodConditions is not supported")); }
            if (!byCode && !byCondition) { errors.Add(FieldError.InvalidAsAWhole(at, "specifying one of OnExitCodes and OnPodConditions is required")); }
        }
    }

    public static void Success(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Object("successPolicy") is not { } policy) { return; }
        var at = $"{path}.successPolicy";
        if (spec.Text("completionMode") != "Indexed")
        {
            errors.Invalid(at, Shown(policy), "requires indexed completion mode");
            return;
        }

        if (policy.List("rules") is not { Count: > 0 }) { errors.Required($"{at}.rules", "at least one rules must be specified when the successPolicy is specified"); }
        TooMany(policy, "rules", MostRules, at, errors);
        // Without completions there is nothing to compare with, and they are asked for elsewhere.
        foreach (var (index, rule) in policy.Items("rules").Index()) { SuccessRule(rule, spec.Number("completions") ?? 0, $"{at}.rules[{index}]", errors); }
    }

    private static void Action(JsonObject rule, JsonObject spec, string path, FieldErrors errors)
    {
        if (rule.Text("action") == "FailIndex")
        {
            if (spec["backoffLimitPerIndex"] is null) { errors.Invalid($"{path}.action", "FailIndex", "requires the backoffLimitPerIndex to be set"); }
            return;
        }

        RequiredOneOf(rule, "action", path, errors, actions);
    }

    private static void ExitCodes(JsonObject codes, HashSet<string> names, string path, FieldErrors errors)
    {
        RequiredOneOf(codes, "operator", path, errors, operators);
        if (codes.Text("containerName") is { } name && !names.Contains(name))
        {
            errors.Invalid($"{path}.containerName", name, "must be one of the container or initContainer names in the pod template");
        }

        long[] values = [.. codes.List("values")?.Select(static value => value is null ? 0 : Rules.Number(value)) ?? []];
        if (values.Length == 0) { errors.Invalid($"{path}.values", codes["values"], "at least one value is required"); }
        TooMany(codes, "values", MostExitCodes, path, errors);
        var seen = new HashSet<long>();
        foreach (var (index, value) in values.Index())
        {
            if (value == 0 && codes.Text("operator") == "In") { errors.Invalid($"{path}.values[{index}]", value, "must not be 0 for the In operator"); }
            if (!seen.Add(value)) { errors.Duplicate($"{path}.values[{index}]", value); }
        }

        if (!values.SequenceEqual(values.Order())) { errors.Invalid($"{path}.values", codes["values"], "must be ordered"); }
    }

    private static void Conditions(JsonObject rule, string path, FieldErrors errors)
    {
        TooMany(rule, "onPodConditions", MostPatterns, path, errors);
        foreach (var (index, pattern) in rule.Items("onPodConditions").Index())
        {
            var at = $"{path}.onPodConditions[{index}]";
            errors.Check($"{at}.type", pattern.Text("type") ?? "", ObjectNames.QualifiedName(pattern.Text("type") ?? ""));
            RequiredOneOf(pattern, "status", at, errors, statuses);
        }
    }

    private static void SuccessRule(JsonObject rule, long completions, string path, FieldErrors errors)
    {
        var (count, indexes) = (rule.Number("succeededCount"), rule.Text("succeededIndexes"));
        if (count is null && indexes is null) { errors.Required(path, "at least one of succeededCount or succeededIndexes must be specified"); }
        if (indexes?.Length > LongestIndexes) { errors.Add(FieldError.TooLong($"{path}.succeededIndexes", LongestIndexes)); }
        var (total, wrong) = indexes is null ? (0, null) : JobIndexes.Count(indexes, completions);
        errors.Check($"{path}.succeededIndexes", indexes, wrong is null ? null : $"error parsing succeededIndexes: {wrong}");
        Rules.NotNegative(rule, "succeededCount", path, errors);
        if (count > completions) { errors.Invalid($"{path}.succeededCount", count, $"must be less than or equal to {completions} (the number of specified completions)"); }
        if (indexes is not null && count > total)
        {
            errors.Invalid($"{path}.succeededCount", count, $"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)");
        }
    }

    private static void RequiredOneOf(JsonObject holder, string field, string path, FieldErrors errors, string[] supported)
    {
        if (holder.Has(field)) { Rules.OneOf(holder, field, path, errors, supported); }
        else { errors.Required($"{path}.{field}", $"valid values: [{string.Join(' ', supported.Select(FieldError.Quote))}]"); }
    }

    private static void TooMany(JsonObject holder, string list, int most, string path, FieldErrors errors)
    {
        if (holder.List(list)?.Count is { } count && count > most) { errors.Add(FieldError.TooMany($"{path}.{list}", count, most)); }
    }

    /// <summary>As upstream's types write it.</summary>
    private static JsonObject Shown(JsonObject policy) => new()
    {
        ["Rules"] = policy.List("rules") is null ? null : new JsonArray([.. policy.Items("rules").Select(static rule => new JsonObject
        {
            ["SucceededIndexes"] = rule["succeededIndexes"]?.DeepClone(),
            ["SucceededCount"] = rule["succeededCount"]?.DeepClone(),
        })]),
    };
}
