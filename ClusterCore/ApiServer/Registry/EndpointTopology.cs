using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Topology labels of endpoints came before zones and node names had fields: they are not taken any more, and stay where they are.</summary>
internal static class EndpointTopology
{
    public static void Drop(JsonObject? current, JsonObject next)
    {
        if (current is not null && JsonNode.DeepEquals(current["endpoints"], next["endpoints"])) { return; }
        foreach (var endpoint in next.Items("endpoints")) { endpoint.Remove("deprecatedTopology"); }
    }
}
