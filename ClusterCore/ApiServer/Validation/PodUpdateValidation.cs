using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>A running pod changes little: images, a shorter deadline, more tolerations, fewer gates.</summary>
internal static class PodUpdateValidation
{
    private const string OnlyThese =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public static void Update(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (pod.Spec() ?? [], old.Spec() ?? []);
        if (JsonNode.DeepEquals(spec, before))
        {
            return;
        }

        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if ((spec.List(list)?.Count ?? 0) != (before.List(list)?.Count ?? 0))
            {
                errors.Forbidden($"spec.{list}", "pod updates may not add or remove containers");
                return;
            }

            foreach (var (index, container) in spec.Items(list).Index())
            {
                Rules.Required(container, "image", $"spec.{list}[{index}]", errors);
                ContainerValidation.Image(container, $"spec.{list}[{index}]", errors);
            }
        }

        Deadline(spec, before, errors);
        Tolerations(spec, before, errors);
        Gates(spec, before, errors);
        if (!JsonNode.DeepEquals(WithoutMutable(spec, before), before))
        {
            errors.Forbidden("spec", OnlyThese);
        }
    }

    /// <summary>The new spec with all that may change set back to what it was; what still differs may not.</summary>
    private static JsonObject WithoutMutable(JsonObject spec, JsonObject before)
    {
        var munged = (JsonObject)spec.DeepClone();
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var (container, was) in munged.Items(list).Zip(before.Items(list)))
            {
                Restore(container, was, "image");
            }
        }

        foreach (var field in (ReadOnlySpan<string>)["activeDeadlineSeconds", "tolerations", "schedulingGates"])
        {
            Restore(munged, before, field);
        }

        if (munged.Number("terminationGracePeriodSeconds") == 1 && before.Number("terminationGracePeriodSeconds") < 0)
        {
            Restore(munged, before, "terminationGracePeriodSeconds");
        }

        if (before.List("schedulingGates") is { Count: > 0 })
        {
            // A pod that is still held back may be pinned to fewer nodes.
            Restore(munged, before, "nodeSelector");
            Restore(munged, before, "affinity");
        }

        return munged;
    }

    private static void Restore(JsonObject obj, JsonObject before, string field)
    {
        obj.Remove(field);
        if (before[field] is { } was)
        {
            obj[field] = was.DeepClone();
        }
    }

    private static void Deadline(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        const string path = "spec.activeDeadlineSeconds";
        var (now, was) = (spec.Number("activeDeadlineSeconds"), before.Number("activeDeadlineSeconds"));
        if (now is < 0 or > int.MaxValue)
        {
            errors.Invalid(path, now, $"must be between 0 and {int.MaxValue}, inclusive");
        }
        else if (was is not null && now is null)
        {
            errors.Invalid(path, null, "must not update from a positive integer to nil value");
        }
        else if (was < now)
        {
            errors.Invalid(path, now, "must be less than or equal to previous value");
        }
    }

    private static void Tolerations(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        var now = spec.Items("tolerations").Select(WithoutSeconds).ToList();
        if (before.Items("tolerations").Select(WithoutSeconds).Any(was => !now.Exists(toleration => JsonNode.DeepEquals(toleration, was))))
        {
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        }

        PodPlacementValidation.Tolerations(spec, "spec", errors);
    }

    private static JsonObject WithoutSeconds(JsonObject toleration)
    {
        var copy = (JsonObject)toleration.DeepClone();
        copy.Remove("tolerationSeconds");
        return copy;
    }

    private static void Gates(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        var was = before.Items("schedulingGates").Select(static gate => gate.Text("name")).ToHashSet(StringComparer.Ordinal);
        var index = 0;
        foreach (var gate in spec.Items("schedulingGates"))
        {
            if (!was.Contains(gate.Text("name")))
            {
                errors.Forbidden($"spec.schedulingGates[{index}].name", "only deletion is allowed, but found new scheduling gate '" + gate.Text("name") + "'");
            }

            index++;
        }
    }
}
