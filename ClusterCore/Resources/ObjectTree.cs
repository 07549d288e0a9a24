using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources;

/// <summary>
/// Reads members of object trees without throwing: what is missing or of another type is null, or nothing to walk over. Trees that
/// were decoded with a schema have the right types anyway.
/// </summary>
public static class ObjectTree
{
    public static string? Text(this JsonObject obj, string name) => JsonNumbers.Text(obj[name]);

    public static long? Number(this JsonObject obj, string name) => JsonNumbers.Int64(obj[name]);

    public static bool? Flag(this JsonObject obj, string name) => obj[name]?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static JsonObject? Object(this JsonObject obj, string name) => obj[name] as JsonObject;

    public static JsonArray? List(this JsonObject obj, string name) => obj[name] as JsonArray;

    /// <summary>The objects in a list; nothing when there is no list.</summary>
    public static IEnumerable<JsonObject> Items(this JsonObject obj, string name) => (obj[name] as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The texts in a list; nothing when there is no list.</summary>
    public static IEnumerable<string> Texts(this JsonObject obj, string name) =>
        (obj[name] as JsonArray)?.Select(JsonNumbers.Text).OfType<string>() ?? [];

    public static JsonObject? Metadata(this JsonObject obj) => obj["metadata"] as JsonObject;

    public static JsonObject? Spec(this JsonObject obj) => obj["spec"] as JsonObject;

    public static string Name(this JsonObject obj) => obj.Metadata()?.Text("name") ?? "";

    public static string Namespace(this JsonObject obj) => obj.Metadata()?.Text("namespace") ?? "";

    /// <summary>The object under a name, made when there is none.</summary>
    public static JsonObject Ensure(this JsonObject obj, string name)
    {
        if (obj[name] is not JsonObject child)
        {
            obj[name] = child = [];
        }

        return child;
    }

    /// <summary>Whether there is a value that is neither null nor an empty text.</summary>
    public static bool Has(this JsonObject obj, string name) =>
        obj[name] is { } value && (value.GetValueKind() != JsonValueKind.String || value.GetValue<string>().Length > 0);
}
