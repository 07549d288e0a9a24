using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The kinds that keep a number of pods alike: Deployment, ReplicaSet, ReplicationController, DaemonSet; see also <see cref="StatefulSetValidation"/>.</summary>
internal static class WorkloadValidation
{
    public static void Deployment(JsonObject deployment, FieldErrors errors)
    {
        var spec = deployment.Spec() ?? [];
        Rules.NotNegative(spec, "replicas", "spec", errors);
        Selector(spec, "deployment", errors);
        Template(spec, "Deployment", errors);
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
        Selector(spec, "deployment", errors);
        Template(spec, "ReplicaSet", errors);
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

        Labels(LabelSelector.FromMap(selector), template, errors);
        PodTemplate(template, "ReplicationController", errors);
    }

    public static void DaemonSet(JsonObject set, FieldErrors errors)
    {
        var spec = set.Spec() ?? [];
        Selector(spec, "daemonset", errors);
        Template(spec, "DaemonSet", errors);
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        Rules.NotNegative(spec, "revisionHistoryLimit", "spec", errors);
        var strategy = spec.Object("updateStrategy") ?? [];
        switch (strategy.Text("type"))
        {
            case "OnDelete":
                break;
            case "RollingUpdate" when strategy.Object("rollingUpdate") is { } rolling:
                RollingDaemonSet(rolling, errors);
                break;
            case "RollingUpdate":
                errors.Required("spec.updateStrategy.rollingUpdate");
                break;
            case var unknown:
                errors.NotSupported("spec.updateStrategy.type", unknown ?? "", ["RollingUpdate", "OnDelete"]);
                break;
        }
    }

    public static void SelectorUnchanged(JsonObject obj, JsonObject old, FieldErrors errors) =>
        Rules.Unchanged(obj.Spec(), old.Spec(), "selector", "spec", errors);

    internal static void Selector(JsonObject spec, string kind, FieldErrors errors)
    {
        if (spec.Object("selector") is not { } selector)
        {
            errors.Required("spec.selector");
            return;
        }

        SelectorValidation.LabelSelector(selector, "spec.selector", errors);
        if (selector.Object("matchLabels") is not { Count: > 0 } && selector.List("matchExpressions") is not { Count: > 0 })
        {
            errors.Invalid("spec.selector", selector, $"empty selector is invalid for {kind}");
        }
    }

    internal static void Template(JsonObject spec, string kind, FieldErrors errors, JsonArray? volumes = null)
    {
        if (spec.Object("template") is not { } template)
        {
            errors.Required("spec.template");
            return;
        }

        if (LabelSelector.FromObject(spec.Object("selector")) is { IsEmpty: false } selector)
        {
            Labels(selector, template, errors);
        }

        if (volumes is { Count: > 0 })
        {
            template = (JsonObject)template.DeepClone();
            template.Ensure("spec")["volumes"] = volumes;
        }

        PodTemplate(template, kind, errors);
    }

    private static void Labels(LabelSelector selector, JsonObject template, FieldErrors errors)
    {
        var labels = template.Metadata()?.Object("labels");
        if (!selector.IsEmpty && !selector.Matches(labels))
        {
            errors.Invalid("spec.template.metadata.labels", labels ?? [], "`selector` does not match template `labels`");
        }
    }

    private static void PodTemplate(JsonObject template, string kind, FieldErrors errors)
    {
        PodValidation.Template(template, "spec.template", errors);
        if (template.Spec()?.Text("restartPolicy") is { } policy && policy != "Always")
        {
            errors.NotSupported("spec.template.spec.restartPolicy", policy, ["Always"]);
        }

        if (template.Spec()?["activeDeadlineSeconds"] is not null)
        {
            errors.Forbidden("spec.template.spec.activeDeadlineSeconds", $"activeDeadlineSeconds in {kind} is not Supported");
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
            case var unknown:
                errors.NotSupported($"{path}.type", unknown ?? "", ["Recreate", "RollingUpdate"]);
                break;
        }
    }

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
