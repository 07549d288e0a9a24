using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>Fills in the defaults a definition declares, from the outside in: a default may bring members that have defaults.</summary>
internal static class SchemaDefaults
{
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
