using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The kinds that keep a number of pods alike: Deployment, ReplicaSet, ReplicationController, DaemonSet; see also <see cref="StatefulSetValidation"/>.</summary>
internal static class WorkloadValidation
{
    public const string NotSelected = "`selector` does not match template `labels`";

    public static void Deployment(JsonObject deployment, FieldErrors errors)
    {
        var spec = deployment.Spec() ?? [];
        Rules.NotNegative(spec, "replicas", "spec", errors);
        SelectorAndTemplate(spec, errors);
        DeploymentStrategy(spec.Object("strategy") ?? [], errors);
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        Rules.NotNegative(spec, "revisionHistoryLimit", "spec", errors);
        if (spec.Number("progressDeadlineSeconds") is { } deadline)
        {
            Rules.NotNegative(spec, "progressDeadlineSeconds", "spec", errors);
            if (deadline <= (spec.Number("minReadySeconds") ?? 0))
            {
                errors.Invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
            }
        }
    }

    public static void ReplicaSet(JsonObject replicaSet, FieldErrors errors)
    {
        var spec = replicaSet.Spec() ?? [];
        Rules.NotNegative(spec, "replicas", "spec", errors);
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        SelectorAndTemplate(spec, errors);
    }

    public static void ReplicationController(JsonObject controller, FieldErrors errors)
    {
        var spec = controller.Spec() ?? [];
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        if (spec.Object("selector") is not { Count: > 0 } selector)
        {
            errors.Required("spec.selector");
            selector = [];
        }

        Rules.NotNegative(spec, "replicas", "spec", errors);
        if (spec.Object("template") is not { } template)
        {
            errors.Required("spec.template");
            return;
        }

        Selected(LabelSelector.FromMap(selector), template, errors);
        PodValidation.Template(template, "spec.template", errors);
        RunsAlways(template, "ReplicationController", errors);
    }

    public static void DaemonSet(JsonObject set, FieldErrors errors)
    {
        var spec = set.Spec() ?? [];
        var (selector, template, before) = (spec.Object("selector"), spec.Object("template") ?? [], errors.List.Count);
        SelectorValidation.LabelSelector(selector, "spec.selector", errors);
        if (errors.List.Count == before) { Selected(LabelSelector.FromObject(selector), template, errors); }
        NotEmpty(selector, "daemonset", errors);
        PodValidation.Template(template, "spec.template", errors);
        RunsAlways(template, "DaemonSet", errors);
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        DaemonSetStrategy(spec.Object("updateStrategy") ?? [], errors);
        Rules.NotNegative(spec, "revisionHistoryLimit", "spec", errors);
    }

    public static void SelectorUnchanged(JsonObject obj, JsonObject old, FieldErrors errors) =>
        Rules.Unchanged(obj.Spec(), old.Spec(), "selector", "spec", errors);

    public static void DaemonSetUpdate(JsonObject set, JsonObject old, FieldErrors errors)
    {
        SelectorUnchanged(set, old, errors);
        DaemonSet(set, errors);
    }

    /// <returns>Whether it is one by which pods can be looked at further.</returns>
    public static bool Selector(JsonObject spec, string kind, string invalid, FieldErrors errors)
    {
        if (spec.Object("selector") is not { } selector)
        {
            errors.Required("spec.selector");
            return true;
        }

        var before = errors.List.Count;
        SelectorValidation.LabelSelector(selector, "spec.selector", errors);
        var isSelector = errors.List.Count == before;
        NotEmpty(selector, kind, errors);
        if (!isSelector) { errors.Invalid("spec.selector", selector, invalid); }
        return isSelector;
    }

    /// <summary>No selector selects nothing; one that is empty is refused elsewhere.</summary>
    public static void Selected(LabelSelector? selector, JsonObject template, FieldErrors errors)
    {
        var labels = template.Metadata()?.Object("labels");
        if (selector is null || (!selector.IsEmpty && !selector.Matches(labels))) { errors.Invalid("spec.template.metadata.labels", labels, NotSelected); }
    }

    /// <summary>Pods that are kept have no end.</summary>
    public static void RunsAlways(JsonObject template, string kind, FieldErrors errors)
    {
        if (template.Spec()?.Text("restartPolicy") is { } policy && policy != "Always")
        {
            errors.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
        }

        if (template.Spec()?["activeDeadlineSeconds"] is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    private static void SelectorAndTemplate(JsonObject spec, FieldErrors errors)
    {
        if (!Selector(spec, "deployment", "invalid label selector", errors)) { return; }
        var template = spec.Object("template") ?? [];
        Selected(spec.Object("selector") is { } selector ? LabelSelector.FromObject(selector) : null, template, errors);
        PodValidation.Template(template, "spec.template", errors);
        // Upstream names the one for both.
        RunsAlways(template, "ReplicaSet", errors);
    }

    private static void NotEmpty(JsonObject? selector, string kind, FieldErrors errors)
    {
        if (selector is not null && selector.Object("matchLabels") is not { Count: > 0 } && selector.List("matchExpressions") is not { Count: > 0 })
        {
            errors.Invalid("spec.selector", selector, $"empty selector is invalid for {kind}");
        }
    }

    private static void DeploymentStrategy(JsonObject strategy, FieldErrors errors)
    {
        const string path = "spec.strategy";
        switch (strategy.Text("type"))
        {
            case "Recreate":
                if (strategy["rollingUpdate"] is not null)
                {
                    errors.Forbidden($"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
                }

                break;
            case "RollingUpdate" when strategy.Object("rollingUpdate") is { } rolling:
                Rolling(rolling, $"{path}.rollingUpdate", errors);
                break;
            case "RollingUpdate":
                errors.Required($"{path}.rollingUpdate", "this should be defaulted and never be nil");
                break;
            default:
                errors.NotSupported(path, Shown(strategy), ["Recreate", "RollingUpdate"]);
                break;
        }
    }

    private static void DaemonSetStrategy(JsonObject strategy, FieldErrors errors)
    {
        const string path = "spec.updateStrategy";
        switch (strategy.Text("type"))
        {
            case "OnDelete":
                break;
            case "RollingUpdate" when strategy.Object("rollingUpdate") is { } rolling:
                RollingDaemonSet(rolling, errors);
                break;
            case "RollingUpdate":
                errors.Required($"{path}.rollingUpdate");
                break;
            default:
                errors.NotSupported(path, Shown(strategy), ["RollingUpdate", "OnDelete"]);
                break;
        }
    }

    /// <summary>As upstream's types write it.</summary>
    private static JsonObject Shown(JsonObject strategy) => new()
    {
        ["Type"] = strategy.Text("type") ?? "",
        ["RollingUpdate"] = strategy.Object("rollingUpdate") is not { } rolling ? null : new JsonObject
        {
            ["MaxUnavailable"] = rolling["maxUnavailable"]?.DeepClone() ?? 0,
            ["MaxSurge"] = rolling["maxSurge"]?.DeepClone() ?? 0,
        },
    };

    private static void Rolling(JsonObject rolling, string path, FieldErrors errors)
    {
        Rules.CountOrPercent(rolling, "maxUnavailable", path, errors);
        Rules.CountOrPercent(rolling, "maxSurge", path, errors);
        if (Rules.IsZero(rolling, "maxUnavailable") && Rules.IsZero(rolling, "maxSurge"))
        {
            errors.Invalid($"{path}.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        }

        Rules.NotMoreThanAll(rolling, "maxUnavailable", path, errors);
    }

    private static void RollingDaemonSet(JsonObject rolling, FieldErrors errors)
    {
        const string path = "spec.updateStrategy.rollingUpdate";
        foreach (var field in (ReadOnlySpan<string>)["maxUnavailable", "maxSurge"])
        {
            Rules.CountOrPercent(rolling, field, path, errors);
            Rules.NotMoreThanAll(rolling, field, path, errors);
        }

        var (noneDown, noneMore) = (Rules.IsZero(rolling, "maxUnavailable"), Rules.IsZero(rolling, "maxSurge"));
        if (!noneDown && !noneMore)
        {
            errors.Invalid($"{path}.maxSurge", rolling["maxSurge"], "may not be set when maxUnavailable is non-zero");
        }
        else if (noneDown && noneMore)
        {
            errors.Required($"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0");
        }
    }
}
