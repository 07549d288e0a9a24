using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>Fills in the defaults a definition declares, from the outside in: a default may bring members that have defaults.</summary>
internal static class SchemaDefaults
{
    /// <summary>Whether there is anything to fill in, at whatever depth.</summary>
    public static bool Any(JsonObject schema) =>
        schema["default"] is not null
        || (schema["properties"] as JsonObject ?? []).Any(property => property.Value is JsonObject typed && Any(typed))
        || (schema["additionalProperties"] is JsonObject values && Any(values))
        || (schema["items"] is JsonObject item && Any(item));

    public static void Apply(JsonObject schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject obj:
                foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
                {
                    if (property is not JsonObject typed) { continue; }
                    var isMissing = !obj.ContainsKey(name) || (obj[name] is null && typed["nullable"]?.GetValue<bool>() != true);
                    if (isMissing && typed["default"] is { } given) { obj[name] = given.DeepClone(); }
                    if (obj[name] is { } child) { Apply(typed, child); }
                }

                if (schema["additionalProperties"] is JsonObject values)
                {
                    foreach (var (_, child) in obj) { Apply(values, child); }
                }

                break;
            case JsonArray list when schema["items"] is JsonObject item:
                foreach (var child in list) { Apply(item, child); }
                break;
        }
    }
}
