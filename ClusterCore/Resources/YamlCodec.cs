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
        if (duplicates.Count == 0) { return result; }

        // Said once, as YAML: upstream's JSON has nothing twice any more.
        var others = result.FieldErrors.Where(static error => !error.StartsWith("duplicate field", StringComparison.Ordinal));
        return result with { FieldErrors = [.. duplicates, .. others] };
    }

    /// <summary>The keys that a document gives twice, as field errors.</summary>
    public static IReadOnlyList<string> Duplicates(ReadOnlySpan<byte> utf8)
    {
        YamlToJson.Convert(utf8, out var duplicates, out _);
        return duplicates;
    }

    /// <summary>Any YAML (or JSON) document as a tree, without a schema.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonNode? node, out string? error)
    {
        node = null;
        return YamlToJson.Convert(utf8, out _, out error) is { } json && JsonCodec.TryParse(json, out node, out error);
    }

    public static byte[] Encode(JsonNode node) => YamlWriter.Write(node);
}
