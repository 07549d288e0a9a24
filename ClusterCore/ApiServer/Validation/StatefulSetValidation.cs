using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class StatefulSetValidation
{
    private const string OnlyThese =
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    private static readonly string[] Mutable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    public static void Create(JsonObject set, FieldErrors errors) => Set(set.Spec() ?? [], isNew: true, checksPods: true, errors);

    /// <summary>Names and claims cannot be changed, so they may be as they were; pods only if they were good.</summary>
    public static void Update(JsonObject set, JsonObject old, FieldErrors errors)
    {
        var before = new FieldErrors();
        Set(old.Spec() ?? [], isNew: false, checksPods: true, before);
        Set(set.Spec() ?? [], isNew: false, checksPods: !before.Any, errors);
        if (!JsonNode.DeepEquals(Fixed(set), Fixed(old))) { errors.Forbidden("spec", OnlyThese); }
    }

    private static void Set(JsonObject spec, bool isNew, bool checksPods, FieldErrors errors)
    {
        if (!spec.Has("podManagementPolicy"))
        {
            errors.Required("spec.podManagementPolicy");
        }
        else if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            errors.Invalid("spec.podManagementPolicy", spec.Text("podManagementPolicy"), "must be 'OrderedReady' or 'Parallel'");
        }

        Strategy(spec.Object("updateStrategy") ?? [], errors);
        var retention = spec.Object("persistentVolumeClaimRetentionPolicy") ?? [];
        Rules.OneOf(retention, "whenDeleted", "spec.persistentVolumeClaimRetentionPolicy", errors, "Retain", "Delete");
        Rules.OneOf(retention, "whenScaled", "spec.persistentVolumeClaimRetentionPolicy", errors, "Retain", "Delete");
        if (isNew) { Sets.Each(spec, "volumeClaimTemplates", int.MaxValue, "spec", errors, static (claim, at, found) => StorageValidation.ClaimSpec(claim.Spec() ?? [], $"{at}.spec", found)); }
        Rules.NotNegative(spec, "replicas", "spec", errors);
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        if (spec.Object("ordinals") is { } ordinals)
        {
            Rules.NotNegative(ordinals, "start", "spec.ordinals", errors);
        }

        if (isNew) { Rules.Optional(spec, "serviceName", "spec", errors, ObjectNames.Dns1123Label); }
        var template = spec.Object("template") ?? [];
        if (WorkloadValidation.Selector(spec, "statefulset", "", errors)) { Template(spec, template, checksPods, errors); }
        WorkloadValidation.RunsAlways(template, "StatefulSet", errors);
    }

    private static void Template(JsonObject spec, JsonObject template, bool checksPods, FieldErrors errors)
    {
        WorkloadValidation.Selected(spec.Object("selector") is { } selector ? LabelSelector.FromObject(selector) : null, template, errors);
        if (checksPods) { PodValidation.Template(AsMade(spec, template), "spec.template", errors); }
        // Upstream looks at these once more.
        MetadataValidation.Labels(template.Metadata()?.Object("labels"), "spec.template.labels", errors);
        MetadataValidation.Annotations(template.Metadata()?.Object("annotations"), "spec.template.annotations", errors);
    }

    private static JsonObject Fixed(JsonObject set)
    {
        var spec = (JsonObject)(set.Spec() ?? []).DeepClone();
        foreach (var field in Mutable)
        {
            spec.Remove(field);
        }

        return spec;
    }

    /// <summary>The pods as they are made: claims are volumes of their name, so mounts may name them, and names in the network come from the set.</summary>
    private static JsonObject AsMade(JsonObject spec, JsonObject template)
    {
        var made = (JsonObject)template.DeepClone();
        var pod = made.Ensure("spec");
        pod.Remove("subdomain");
        pod.Remove("hostname");
        string[] claims = [.. spec.Items("volumeClaimTemplates").Select(static claim => claim.Name()).Distinct(StringComparer.Ordinal)];
        if (claims.Length == 0) { return made; }
        var others = pod.Items("volumes").Where(volume => !claims.Contains(volume.Text("name"), StringComparer.Ordinal)).Select(static volume => volume.DeepClone());
        pod["volumes"] = new JsonArray([.. claims.Select(static claim => new JsonObject { ["name"] = claim, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } }), .. others]);
        return made;
    }

    private static void Strategy(JsonObject strategy, FieldErrors errors)
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
                    errors.Invalid($"{path}.rollingUpdate", Shown(strategy)["RollingUpdate"], "only allowed for updateStrategy 'RollingUpdate'");
                }

                break;
            case "RollingUpdate":
                if (strategy.Object("rollingUpdate") is { } rolling)
                {
                    Rules.NotNegative(rolling, "partition", $"{path}.rollingUpdate", errors);
                    Rules.CountOrPercent(rolling, "maxUnavailable", $"{path}.rollingUpdate", errors);
                    if (rolling["maxUnavailable"] is not null && Rules.IsZero(rolling, "maxUnavailable"))
                    {
                        errors.Invalid($"{path}.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "cannot be 0");
                    }

                    Rules.NotMoreThanAll(rolling, "maxUnavailable", $"{path}.rollingUpdate", errors);
                }

                break;
            default:
                errors.Invalid(path, Shown(strategy), "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }
    }

    /// <summary>As upstream's types write it.</summary>
    private static JsonObject Shown(JsonObject strategy) => new()
    {
        ["Type"] = strategy.Text("type") ?? "",
        ["RollingUpdate"] = strategy.Object("rollingUpdate") is not { } rolling ? null : new JsonObject
        {
            ["Partition"] = rolling.Number("partition") ?? 0,
            ["MaxUnavailable"] = rolling["maxUnavailable"]?.DeepClone(),
        },
    };
}
