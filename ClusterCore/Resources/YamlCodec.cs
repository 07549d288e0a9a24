using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Yaml;

namespace Flotilla.ClusterCore.Resources;

/// <summary>YAML as Kubernetes reads it: turned into JSON first, so that both have the same rules.</summary>
public static class YamlCodec
{
    /// <summary>As <see cref="JsonCodec.Decode"/>; keys given twice are reported too.</summary>
    public static DecodeResult Decode(ReadOnlySpan<byte> utf8, ISchema? schema)
    {
        if (YamlToJson.Convert(utf8, out var duplicates, out var error) is not { } json)
        {
            return DecodeResult.Failed(error!);
        }

        var result = JsonCodec.Decode(json, schema);
        return duplicates.Count == 0 ? result : result with { FieldErrors = [.. duplicates, .. result.FieldErrors] };
    }

    /// <summary>Any YAML (or JSON) document as a tree, without a schema.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonNode? node, out string? error)
    {
        node = null;
        return YamlToJson.Convert(utf8, out _, out error) is { } json && JsonCodec.TryParse(json, out node, out error);
    }

    public static byte[] Encode(JsonNode node) => YamlWriter.Write(node);
}
