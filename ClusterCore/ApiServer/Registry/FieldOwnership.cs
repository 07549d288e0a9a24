using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Keeps <c>metadata.managedFields</c>: who set which field.</summary>
internal sealed class FieldOwnership
{
    public JsonObject Created(Scope scope, JsonObject obj) => obj;

    /// <summary>Whether a write changes nothing. A new timestamp in managedFields alone is no change.</summary>
    public static bool IsSame(JsonObject current, JsonObject next)
    {
        foreach (var name in current.Select(member => member.Key).Concat(next.Select(member => member.Key)).Distinct(StringComparer.Ordinal))
        {
            var same = name == "metadata"
                ? IsSameMetadata(current["metadata"]?.AsObject(), next["metadata"]?.AsObject())
                : JsonNode.DeepEquals(current[name], next[name]);
            if (!same) { return false; }
        }

        return true;
    }

    private static bool IsSameMetadata(JsonObject? current, JsonObject? next)
    {
        if (current is null || next is null) { return current is null && next is null; }
        foreach (var name in current.Select(member => member.Key).Concat(next.Select(member => member.Key)).Distinct(StringComparer.Ordinal))
        {
            if (name == "resourceVersion") { continue; }
            var same = name == "managedFields"
                ? JsonNode.DeepEquals(WithoutTimes(current[name]), WithoutTimes(next[name]))
                : JsonNode.DeepEquals(current[name], next[name]);
            if (!same) { return false; }
        }

        return true;
    }

    private static JsonNode? WithoutTimes(JsonNode? managedFields)
    {
        var copy = managedFields?.DeepClone();
        foreach (var entry in copy as JsonArray ?? []) { (entry as JsonObject)?.Remove("time"); }
        return copy;
    }
}
