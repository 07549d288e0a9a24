using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Answers;

/// <summary>
/// Two APIs show the same objects under different names: events of core and of events.k8s.io, and the two versions of the
/// autoscaler. They are stored as they were written and shown as they are asked for.
/// </summary>
internal static class EventVersions
{
    /// <summary>Core's name beside that of events.k8s.io.</summary>
    private static readonly (string Core, string Events)[] names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    public static ReadOnlyMemory<byte> Show(Scope scope, ReadOnlyMemory<byte> value)
    {
        if (scope.Resource.Kind is not "Event") { return value; }
        var isStoredAsCore = JsonCodec.PeekTypeMeta(value.Span).ApiVersion == "v1";
        if (isStoredAsCore == (scope.Resource.Group.Length == 0)) { return value; }
        return JsonCodec.Encode(Convert(JsonNode.Parse(value.Span)!.AsObject(), scope.Resource));
    }

    public static JsonObject Convert(JsonObject obj, ResourceInfo wanted)
    {
        var toCore = wanted.Group.Length == 0;
        var result = new JsonObject();
        foreach (var (name, node) in obj)
        {
            var pair = Array.Find(names, pair => (toCore ? pair.Events : pair.Core) == name);
            var shown = pair == default ? name : toCore ? pair.Core : pair.Events;
            result[shown] = name == "apiVersion" ? wanted.ApiVersion : node?.DeepClone();
        }

        return result;
    }
}
