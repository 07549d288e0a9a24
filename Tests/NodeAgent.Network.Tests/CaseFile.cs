using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Resources;
using Xunit.Sdk;

namespace Flotilla.NodeAgent.Network.Tests;

/// <summary>A golden file: YAML with objects as users write them, and what is expected of them.</summary>
internal static class CaseFile
{
    public static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Cases", folder), "*.yaml").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    public static JsonNode Load(string folder, string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Cases", folder, name));
        return YamlCodec.TryParse(bytes, out var node, out var error) ? node! : throw new XunitException($"{name}: {error}");
    }

    public static T[] Read<T>(JsonNode? nodes, JsonTypeInfo<T> json) => [.. (nodes as JsonArray ?? []).Select(node => node.Deserialize(json)!)];
}
