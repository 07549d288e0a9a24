using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Autoscalers: what they scale, by which figures, and how fast.</summary>
internal static class AutoscalerValidation
{
    private static readonly (string Type, string Field)[] sources =
        [("Object", "object"), ("External", "external"), ("Pods", "pods"), ("Resource", "resource"), ("ContainerResource", "containerResource")];

    public static void Create(JsonObject autoscaler, FieldErrors errors) => Autoscaler(autoscaler.Spec() ?? [], [], errors);

    public static void Update(JsonObject autoscaler, JsonObject old, FieldErrors errors) => Autoscaler(autoscaler.Spec() ?? [], old.Spec() ?? [], errors);

    private static void Autoscaler(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        // Once there were autoscalers that scaled to nothing: they may go on to.
        var least = before.Number("minReplicas") == 0 ? 0 : 1;
        if (spec.Number("minReplicas") is { } wanted && wanted < least) { errors.Invalid("spec.minReplicas", wanted, $"must be greater than or equal to {least}"); }
        var most = spec.Number("maxReplicas") ?? 0;
        if (most == 0) { errors.Required("spec.maxReplicas", "must be set and greater than 0"); }
        if (most < 0) { errors.Invalid("spec.maxReplicas", most, "must be greater than or equal to 1"); }
        if (most < spec.Number("minReplicas")) { errors.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"); }
        Target(spec.Object("scaleTargetRef") ?? [], before.Object("scaleTargetRef"), errors);
        foreach (var (index, metric) in spec.Items("metrics").Index()) { Metric(metric, $"spec.metrics[{index}]", errors); }
        // The first version's only metric, in the words of the second.
        if (spec.Number("targetCPUUtilizationPercentage") is < 1 and var share) { errors.Invalid("spec.metrics[0].resource.target.averageUtilization", share, "must be greater than 0"); }
        if (spec.Number("minReplicas") == 0 && !spec.Items("metrics").Any(static metric => metric.Text("type") is "Object" or "External"))
        {
            errors.Forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas");
        }

        foreach (var direction in (ReadOnlySpan<string>)["scaleUp", "scaleDown"])
        {
            if (spec.Object("behavior")?.Object(direction) is { } rules) { Scaling(rules, $"spec.behavior.{direction}", errors); }
        }
    }

    /// <summary>What of the core group scales is a ReplicationController; everything else has a group, unless it is what it was.</summary>
    private static void Target(JsonObject target, JsonObject? before, FieldErrors errors)
    {
        Reference(target, "spec.scaleTargetRef", errors);
        var isSame = before is not null && before.Text("kind") == target.Text("kind") && before.Text("apiVersion") == target.Text("apiVersion");
        if (!isSame) { ApiVersion(target, target.Text("kind") == "ReplicationController", "spec.scaleTargetRef", errors); }
    }

    private static void ApiVersion(JsonObject reference, bool isCoreAllowed, string path, FieldErrors errors)
    {
        var (version, parts) = (reference.Text("apiVersion") ?? "", (reference.Text("apiVersion") ?? "").Split('/'));
        errors.Check($"{path}.apiVersion", version,
            parts.Length > 2 ? $"unexpected GroupVersion string: {version}"
            : !isCoreAllowed && (parts.Length == 1 || parts[0].Length == 0) ? "apiVersion must specify API group" : null);
    }

    private static void Reference(JsonObject reference, string path, FieldErrors errors)
    {
        Rules.Required(reference, "kind", path, errors, ObjectNames.PathSegment);
        Rules.Required(reference, "name", path, errors, ObjectNames.PathSegment);
    }

    private static void Metric(JsonObject metric, string path, FieldErrors errors)
    {
        var type = metric.Text("type") ?? "";
        if (type.Length == 0) { errors.Required($"{path}.type", "must specify a metric source type"); }
        var expected = Array.Find(sources, source => source.Type == type).Field;
        if (expected is null) { errors.NotSupported($"{path}.type", type, ["ContainerResource", "External", "Object", "Pods", "Resource"]); }
        string[] present = [.. sources.Select(static source => source.Field).Where(field => metric.Object(field) is not null)];
        if (present.Length > 0) { Source(metric.Object(present[0])!, present[0], $"{path}.{present[0]}", errors); }
        // Upstream says it once more.
        if (expected is null) { errors.NotSupported($"{path}.type", type, ["ContainerResource", "External", "Object", "Pods", "Resource"]); }
        else if (!present.Contains(expected, StringComparer.Ordinal)) { errors.Required($"{path}.{expected}", "must populate information for the given metric source"); }
        if (present.Length == 1) { return; }
        foreach (var other in present.Where(other => other != expected)) { errors.Forbidden($"{path}.{other}", "must populate the given metric source only"); }
    }

    private static void Source(JsonObject source, string kind, string path, FieldErrors errors)
    {
        var target = source.Object("target") ?? [];
        var at = $"{path}.target";
        switch (kind)
        {
            case "object":
                Reference(source.Object("describedObject") ?? [], $"{path}.describedObject", errors);
                ApiVersion(source.Object("describedObject") ?? [], isCoreAllowed: true, $"{path}.describedObject", errors);
                Identifier(source, path, errors);
                Target(target, at, errors);
                if (!target.Has("value") && !target.Has("averageValue")) { errors.Required($"{at}.averageValue", "must set either a target value or averageValue"); }
                break;
            case "external":
                Identifier(source, path, errors);
                Target(target, at, errors);
                if (!target.Has("value") && !target.Has("averageValue")) { errors.Required($"{at}.averageValue", "must set either a target value for metric or a per-pod target"); }
                if (target.Has("value") && target.Has("averageValue")) { errors.Forbidden($"{at}.value", "may not set both a target value for metric and a per-pod target"); }
                break;
            case "pods":
                Identifier(source, path, errors);
                Target(target, at, errors);
                if (!target.Has("averageValue")) { errors.Required($"{at}.averageValue", "must specify a positive target averageValue"); }
                break;
            default:
                Rules.Required(source, "name", path, errors, detail: "must specify a resource name");
                if (kind == "containerResource")
                {
                    if (source.Has("name")) { ResourceValidation.Name(source.Text("name")!, ofContainers: true, $"{path}.name", errors); }
                    Rules.Required(source, "container", path, errors, ObjectNames.Dns1123Label, "must specify a container");
                }

                Target(target, at, errors);
                if (!target.Has("averageUtilization") && !target.Has("averageValue")) { errors.Required($"{at}.averageUtilization", "must set either a target raw value or a target utilization"); }
                if (target.Has("averageUtilization") && target.Has("averageValue")) { errors.Forbidden($"{at}.averageValue", "may not set both a target raw value and a target utilization"); }
                break;
        }
    }

    private static void Identifier(JsonObject source, string path, FieldErrors errors) =>
        Rules.Required(source.Object("metric") ?? [], "name", $"{path}.metric", errors, ObjectNames.PathSegment, "must specify a metric name");

    private static void Target(JsonObject target, string path, FieldErrors errors)
    {
        var type = target.Text("type") ?? "";
        if (type.Length == 0) { errors.Required($"{path}.type", "must specify a metric target type"); }
        if (type is not ("Utilization" or "Value" or "AverageValue")) { errors.Invalid($"{path}.type", type, "must be either Utilization, Value, or AverageValue"); }
        foreach (var field in (ReadOnlySpan<string>)["value", "averageValue"])
        {
            if (Quantity.TryParse(target.Text(field), out var value) && value.Sign != 1) { errors.Invalid($"{path}.{field}", value.ToString(), "must be positive"); }
        }

        if (target.Number("averageUtilization") is < 1 and var share) { errors.Invalid($"{path}.averageUtilization", share, "must be greater than 0"); }
    }

    private static void Scaling(JsonObject rules, string path, FieldErrors errors)
    {
        if (rules.Number("stabilizationWindowSeconds") is { } window)
        {
            errors.Check($"{path}.stabilizationWindowSeconds", window, window < 0 ? "must be greater than or equal to zero" : window > 3600 ? "must be less than or equal to 3600" : null);
        }

        Rules.OneOf(rules, "selectPolicy", path, errors, "Disabled", "Max", "Min");
        if (rules.List("policies") is not { Count: > 0 }) { errors.Required($"{path}.policies", "must specify at least one Policy"); }
        foreach (var (index, policy) in rules.Items("policies").Index())
        {
            var at = $"{path}.policies[{index}]";
            if (policy.Text("type") is not ("Percent" or "Pods")) { errors.NotSupported($"{at}.type", policy.Text("type") ?? "", ["Percent", "Pods"]); }
            var (value, seconds) = (policy.Number("value") ?? 0, policy.Number("periodSeconds") ?? 0);
            errors.Check($"{at}.value", value, value <= 0 ? "must be greater than zero" : null);
            errors.Check($"{at}.periodSeconds", seconds, seconds <= 0 ? "must be greater than zero" : seconds > 1800 ? "must be less than or equal to 1800" : null);
        }

        if (Quantity.TryParse(rules.Text("tolerance"), out var tolerance) && tolerance.Sign < 0) { errors.Invalid($"{path}.tolerance", tolerance.ToString(), "must be greater than or equal to 0"); }
    }
}
