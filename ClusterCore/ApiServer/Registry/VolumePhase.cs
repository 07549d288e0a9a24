using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>When a persistent volume came into its phase is the server's to say, unless whoever moved it says so.</summary>
internal static class VolumePhase
{
    private const string Since = "lastPhaseTransitionTime";

    public static void Note(JsonObject current, JsonObject next, DateTimeOffset now)
    {
        var (before, status) = (current["status"] as JsonObject ?? [], next.Ensure("status"));
        var isOld = status[Since] is null || JsonNode.DeepEquals(status[Since], before[Since]);
        if (status.Text("phase") != before.Text("phase") && isOld) { status[Since] = ObjectMeta.Timestamp(now); }
        else if (status[Since] is null && before[Since] is { } since) { status[Since] = since.DeepClone(); }
    }
}
