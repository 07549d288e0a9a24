using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The kinds that keep a number of pods alike: Deployment, ReplicaSet, ReplicationController, DaemonSet, StatefulSet.</summary>
internal static class WorkloadValidation
{
    private const string OnlyTheseOfStatefulSet =
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    private static readonly string[] MutableOfStatefulSet =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

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

    public static void StatefulSet(JsonObject set, FieldErrors errors)
    {
        var spec = set.Spec() ?? [];
        if (!spec.Has("podManagementPolicy"))
        {
            errors.Required("spec.podManagementPolicy");
        }
        else if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            errors.Invalid("spec.podManagementPolicy", spec.Text("podManagementPolicy"), "must be 'OrderedReady' or 'Parallel'");
        }

        StatefulSetStrategy(spec.Object("updateStrategy") ?? [], errors);
        var retention = spec.Object("persistentVolumeClaimRetentionPolicy") ?? [];
        Rules.OneOf(retention, "whenDeleted", "spec.persistentVolumeClaimRetentionPolicy", errors, "Retain", "Delete");
        Rules.OneOf(retention, "whenScaled", "spec.persistentVolumeClaimRetentionPolicy", errors, "Retain", "Delete");
        Rules.NotNegative(spec, "replicas", "spec", errors);
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        Rules.NotNegative(spec, "revisionHistoryLimit", "spec", errors);
        if (spec.Object("ordinals") is { } ordinals)
        {
            Rules.NotNegative(ordinals, "start", "spec.ordinals", errors);
        }

        Rules.Optional(spec, "serviceName", "spec", errors, ObjectNames.Dns1123Subdomain);
        Selector(spec, "statefulset", errors);
        Template(spec, "StatefulSet", errors, WithClaimVolumes(spec));
    }

    public static void SelectorUnchanged(JsonObject obj, JsonObject old, FieldErrors errors) =>
        Rules.Unchanged(obj.Spec(), old.Spec(), "selector", "spec", errors);

    public static void StatefulSetUnchanged(JsonObject set, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (Fixed(set), Fixed(old));
        if (!JsonNode.DeepEquals(spec, before))
        {
            errors.Forbidden("spec", OnlyTheseOfStatefulSet);
        }
    }

    private static JsonObject Fixed(JsonObject set)
    {
        var spec = (JsonObject)(set.Spec() ?? []).DeepClone();
        foreach (var field in MutableOfStatefulSet)
        {
            spec.Remove(field);
        }

        return spec;
    }

    /// <summary>Claims become volumes of their name when the pods are made, so mounts may name them.</summary>
    private static JsonArray WithClaimVolumes(JsonObject spec)
    {
        var volumes = (JsonArray?)spec.Object("template")?.Spec()?.List("volumes")?.DeepClone() ?? [];
        foreach (var claim in spec.Items("volumeClaimTemplates").Select(static claim => claim.Name()).Where(static name => name.Length > 0))
        {
            if (!volumes.OfType<JsonObject>().Any(volume => volume.Text("name") == claim))
            {
                volumes.Add(new JsonObject { ["name"] = claim, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } });
            }
        }

        return volumes;
    }

    private static void Selector(JsonObject spec, string kind, FieldErrors errors)
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

    private static void Template(JsonObject spec, string kind, FieldErrors errors, JsonArray? volumes = null)
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

    private static void StatefulSetStrategy(JsonObject strategy, FieldErrors errors)
    {
        const string path = "spec.updateStrategy";
        switch (strategy.Text("type"))
        {
            case null or "":
                errors.Required(path);
                break;
            case "OnDelete":
                if (strategy["rollingUpdate"] is not null)
                {
                    errors.Invalid($"{path}.rollingUpdate", strategy["rollingUpdate"], "only allowed for updateStrategy 'RollingUpdate'");
                }

                break;
            case "RollingUpdate":
                if (strategy.Object("rollingUpdate") is { } rolling)
                {
                    Rules.NotNegative(rolling, "partition", $"{path}.rollingUpdate", errors);
                    Rules.CountOrPercent(rolling, "maxUnavailable", $"{path}.rollingUpdate", errors);
                    Rules.NotMoreThanAll(rolling, "maxUnavailable", $"{path}.rollingUpdate", errors);
                    if (Rules.IsZero(rolling, "maxUnavailable"))
                    {
                        errors.Invalid($"{path}.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "cannot be 0");
                    }
                }

                break;
            default:
                errors.Invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }
    }
}
