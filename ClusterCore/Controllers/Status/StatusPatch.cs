using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Status;

/// <summary>
/// The least change that turns one status into another, so that fields no view reads are kept. It is a change of what was read
/// and of nothing else: half of one status and half of the next would be true at no time.
/// </summary>
internal static class StatusPatch
{
    /// <returns>Null where both are the same.</returns>
    public static Patch? Between<T>(ObjectMeta read, T before, T after, JsonTypeInfo<T> json) where T : class
    {
        var difference = Difference(Tree(before, json), Tree(after, json));
        return difference.Count == 0
            ? null
            : Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = read.ResourceVersion }, ["status"] = difference });
    }

    private static JsonObject Tree<T>(T value, JsonTypeInfo<T> json) => (JsonObject)JsonSerializer.SerializeToNode(value, json)!;

    private static JsonObject Difference(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in after)
        {
            if (before[name] is JsonObject old && value is JsonObject @new)
            {
                if (Difference(old, @new) is { Count: > 0 } inner)
                {
                    patch[name] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(before[name], value))
            {
                patch[name] = value?.DeepClone();
            }
        }
        foreach (var (name, _) in before)
        {
            if (!after.ContainsKey(name))
            {
                patch[name] = null;
            }
        }
        return patch;
    }
}
