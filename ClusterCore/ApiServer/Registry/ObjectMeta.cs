using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Reading and writing <c>metadata</c> of an object tree.</summary>
internal static class ObjectMeta
{
    public static JsonObject Of(JsonObject obj)
    {
        if (obj["metadata"] is JsonObject metadata) { return metadata; }
        var made = new JsonObject();
        obj["metadata"] = made;
        return made;
    }

    public static string Text(JsonNode? parent, string name) =>
        parent is JsonObject obj && obj[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    public static long? Number(JsonNode? parent, string name) => parent is JsonObject obj ? obj.Number(name) : null;

    public static string Name(JsonObject obj) => Text(obj["metadata"], "name");

    public static string Namespace(JsonObject obj) => Text(obj["metadata"], "namespace");

    public static string Uid(JsonObject obj) => Text(obj["metadata"], "uid");

    public static string ResourceVersion(JsonObject obj) => Text(obj["metadata"], "resourceVersion");

    /// <summary>The version that a write means to change; empty, also where it says <c>0</c>, for whichever there is.</summary>
    public static string ExpectedVersion(JsonObject obj) => ResourceVersion(obj) is var version && version.All(static digit => digit == '0') ? "" : version;

    public static bool IsDeleting(JsonObject obj) => obj["metadata"]?["deletionTimestamp"] is not null;

    public static IReadOnlyList<string> Finalizers(JsonObject obj) =>
        obj["metadata"]?["finalizers"] is JsonArray list ? [.. list.Select(item => item?.ToString() ?? "")] : [];

    public static void SetFinalizers(JsonObject obj, IReadOnlyCollection<string> finalizers)
    {
        var metadata = Of(obj);
        metadata.Remove("finalizers");
        if (finalizers.Count > 0) { metadata["finalizers"] = new JsonArray([.. finalizers.Select(one => (JsonNode)one)]); }
    }

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Takes a member from another object, or away when it has none.</summary>
    public static void Copy(JsonObject from, JsonObject to, string name)
    {
        to.Remove(name);
        if (from[name] is { } value) { to[name] = value.DeepClone(); }
    }
}
