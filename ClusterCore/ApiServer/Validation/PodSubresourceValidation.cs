using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The parts of a running pod that have an endpoint of their own: debug containers and resources.</summary>
internal static class PodSubresourceValidation
{
    public static void EphemeralContainers(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (pod.Spec() ?? [], old.Spec() ?? []);
        var volumes = spec.Items("volumes").GroupBy(static volume => volume.Text("name") ?? "", StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, static group => group.First(), StringComparer.Ordinal);
        ContainerValidation.Ephemeral(spec, volumes, "spec", errors);
        Existing(spec, before, errors);
    }

    public static void Resize(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (pod.Spec() ?? [], old.Spec() ?? []);
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var index = 0;
            foreach (var container in spec.Items(list))
            {
                ResourceValidation.Requirements(container.Object("resources"), $"spec.{list}[{index++}].resources", errors);
            }
        }

        if (!JsonNode.DeepEquals(WithoutResources(spec), WithoutResources(before)))
        {
            errors.Forbidden("spec", "only cpu and memory resources are mutable");
        }
    }

    private static void Existing(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        var now = spec.Items("ephemeralContainers").ToList();
        foreach (var was in before.Items("ephemeralContainers"))
        {
            var name = was.Text("name");
            var place = now.FindIndex(container => container.Text("name") == name);
            if (place < 0)
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{name}\" may not be removed\n");
            }
            else if (!JsonNode.DeepEquals(now[place], was))
            {
                errors.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{name}\" may not be changed\n");
            }
        }
    }

    private static JsonObject WithoutResources(JsonObject spec)
    {
        var copy = (JsonObject)spec.DeepClone();
        foreach (var container in copy.Items("containers").Concat(copy.Items("initContainers")))
        {
            container.Remove("resources");
        }

        copy.Remove("resources");
        return copy;
    }
}
