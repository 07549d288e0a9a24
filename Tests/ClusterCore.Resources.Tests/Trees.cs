using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests;

/// <summary>Short ways to write object trees, and to compare them with a readable difference.</summary>
internal static class Trees
{
    public static JsonObject Parse(string json)
    {
        Assert.True(JsonCodec.TryParse(Encoding.UTF8.GetBytes(json), out var node, out var error), error);
        return Assert.IsType<JsonObject>(node);
    }

    public static JsonObject Yaml(string yaml)
    {
        Assert.True(YamlCodec.TryParse(Encoding.UTF8.GetBytes(yaml), out var node, out var error), error);
        return Assert.IsType<JsonObject>(node);
    }

    public static DecodeResult Decode(string json, string apiVersion, string kind) =>
        JsonCodec.Decode(Encoding.UTF8.GetBytes(json), ApiCatalog.Default.TypeOf(apiVersion, kind));

    public static void Equal(JsonNode? expected, JsonNode? actual) => Assert.Equal(Sorted(expected), Sorted(actual));

    private static string Sorted(JsonNode? node) => node is null ? "null" : Encoding.UTF8.GetString(YamlCodec.Encode(node));
}
