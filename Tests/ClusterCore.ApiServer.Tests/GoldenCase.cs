using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Tests;

/// <summary>YAML files beside a test: one case each.</summary>
internal static class GoldenCase
{
    public static IEnumerable<string> Names(string folder, [CallerFilePath] string callerFile = "") =>
        Directory.GetFiles(Path.Combine(Path.GetDirectoryName(callerFile)!, folder), "*.yaml").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static JsonObject Read(string folder, string name, [CallerFilePath] string callerFile = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(callerFile)!, folder, name + ".yaml");
        Assert.True(YamlCodec.TryParse(File.ReadAllBytes(file), out var node, out var error), error);
        return Assert.IsType<JsonObject>(node);
    }

    /// <summary>An object as the server has it after decoding.</summary>
    public static (ResourceInfo Resource, JsonObject Object) Decode(JsonObject manifest)
    {
        var resource = ApiCatalog.Default.ResourceOfKind(manifest.Text("apiVersion")!, manifest.Text("kind")!)!;
        var result = JsonCodec.Conform(manifest, resource.Schema);
        Assert.Null(result.Error);
        Assert.Empty(result.FieldErrors);
        return (resource, result.Object!);
    }
}
