using System.Text.Json.Nodes;

namespace Flotilla.Differential;

internal enum Form { Text, Integer, Boolean, Number, Quantity, IntOrString, Time, Bytes, Map, List, Object, Any }

/// <summary>What a value is, as the peer's OpenAPI document has it.</summary>
internal sealed class Shape(JsonNode schemas, JsonNode node)
{
    private readonly (JsonNode Node, string Name) found = Resolve(schemas, node);

    /// <summary>Of the type, empty where it is nameless.</summary>
    public string Name => found.Name;

    public IEnumerable<string> Enum => found.Node["enum"]?.AsArray().Select(static value => value!.ToString()) ?? [];

    public IEnumerable<string> Required => found.Node["required"]?.AsArray().Select(static name => (string)name!) ?? [];

    public IEnumerable<KeyValuePair<string, Shape>> Fields =>
        found.Node["properties"]?.AsObject().Select(property => KeyValuePair.Create(property.Key, new Shape(schemas, property.Value!))) ?? [];

    /// <summary>Of the items of a list, the values of a map.</summary>
    public Shape? Item => (found.Node["items"] ?? found.Node["additionalProperties"]) is JsonObject item ? new(schemas, item) : null;

    public Form Form => Name.Split('.')[^1] switch
    {
        "Quantity" => Form.Quantity,
        "IntOrString" => Form.IntOrString,
        "Time" or "MicroTime" => Form.Time,
        _ when found.Node["properties"] is not null => Form.Object,
        _ => (string?)found.Node["type"] switch
        {
            "object" => Form.Map,
            "array" => Form.List,
            "string" when (string?)found.Node["format"] == "byte" => Form.Bytes,
            "string" => Form.Text,
            "integer" => Form.Integer,
            "boolean" => Form.Boolean,
            "number" => Form.Number,
            _ => Form.Any,
        },
    };

    private static (JsonNode, string) Resolve(JsonNode schemas, JsonNode node)
    {
        var name = "";
        while (true)
        {
            if ((string?)node["$ref"] is { } reference)
            {
                name = reference[(reference.LastIndexOf('/') + 1)..];
                node = schemas[name]!;
            }
            else if (node["allOf"] is JsonArray { Count: 1 } all) { node = all[0]!; }
            else { return (node, name); }
        }
    }
}

internal sealed class Shapes(Api peer)
{
    private readonly Dictionary<string, JsonNode> documents = [];

    public async Task<Shape> OfAsync(string apiVersion, string kind)
    {
        if (!documents.TryGetValue(apiVersion, out var schemas))
        {
            documents[apiVersion] = schemas = (await peer.GetAsync($"/openapi/v3{Api.RootOf(apiVersion)}"))["components"]!["schemas"]!;
        }

        var parts = apiVersion.Split('/');
        return new(schemas, schemas.AsObject().First(schema => schema.Value!["x-kubernetes-group-version-kind"]?.AsArray().Any(one =>
            (string?)one!["kind"] == kind && (string?)one["version"] == parts[^1] && (string?)one["group"] == (parts.Length == 1 ? "" : parts[0])) == true).Value!);
    }
}
