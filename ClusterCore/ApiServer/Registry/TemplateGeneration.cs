using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Defaulting;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>How often the pods of a daemon set were others, in an annotation: nobody but the server counts it.</summary>
internal static class TemplateGeneration
{
    public static void Count(JsonObject current, JsonObject next)
    {
        var generation = long.TryParse(current.Metadata()?.Object("annotations")?.Text(WorkloadDefaults.TemplateGeneration), out var known) ? known : 1;
        if (!JsonNode.DeepEquals(current.Spec()?["template"], next.Spec()?["template"])) { generation++; }
        next.Ensure("metadata").Ensure("annotations")[WorkloadDefaults.TemplateGeneration] = generation.ToString();
    }
}
