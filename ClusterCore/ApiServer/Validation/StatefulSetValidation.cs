using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class StatefulSetValidation
{
    private const string OnlyThese =
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

    private static readonly string[] Mutable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    public static void Create(JsonObject set, FieldErrors errors)
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

        Strategy(spec.Object("updateStrategy") ?? [], errors);
        var retention = spec.Object("persistentVolumeClaimRetentionPolicy") ?? [];
        Rules.OneOf(retention, "whenDeleted", "spec.persistentVolumeClaimRetentionPolicy", errors, "Retain", "Delete");
        Rules.OneOf(retention, "whenScaled", "spec.persistentVolumeClaimRetentionPolicy", errors, "Retain", "Delete");
        Rules.NotNegative(spec, "replicas", "spec", errors);
        Rules.NotNegative(spec, "minReadySeconds", "spec", errors);
        if (spec.Object("ordinals") is { } ordinals)
        {
            Rules.NotNegative(ordinals, "start", "spec.ordinals", errors);
        }

        Rules.Optional(spec, "serviceName", "spec", errors, ObjectNames.Dns1123Subdomain);
        WorkloadValidation.Selector(spec, "statefulset", errors);
        WorkloadValidation.Template(spec, "StatefulSet", errors, WithClaimVolumes(spec));
    }

    public static void Unchanged(JsonObject set, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (Fixed(set), Fixed(old));
        if (!JsonNode.DeepEquals(spec, before))
        {
            errors.Forbidden("spec", OnlyThese);
        }
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

    /// <summary>Claims become volumes of their name when the pods are made, so mounts may name them.</summary>
    private static JsonArray WithClaimVolumes(JsonObject spec)
    {
        var volumes = (JsonArray?)spec.Object("template")?.Spec()?.List("volumes")?.DeepClone() ?? [];
        foreach (var claim in spec.Items("volumeClaimTemplates").Select(static claim => claim.Name()).Where(static name => name.Length > 0))
        {
            if (!volumes.OfType<JsonObject>().Any(volume => volume.Text("name") == claim))
            {
                volumes.Add((JsonNode)new JsonObject { ["name"] = claim, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } });
            }
        }

        return volumes;
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
