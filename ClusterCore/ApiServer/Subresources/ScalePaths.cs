using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary>Where an object keeps its replicas; a custom resource's definition says its own.</summary>
internal sealed record ScalePaths(string Replicas, string StatusReplicas, string Selector)
{
    public static readonly ScalePaths BuiltIn = new(".spec.replicas", ".status.replicas", ".spec.selector");

    public static ScalePaths Of(Scope scope) => scope.Custom?.Scale ?? BuiltIn;

    public static long Number(JsonObject obj, string path) => At(obj, path) is JsonValue value && long.TryParse(value.ToString(), out var number) ? number : 0;

    /// <summary>A selector as text: as it is, or spelled from a LabelSelector or a map of labels.</summary>
    public static string? SelectorText(JsonObject obj, string path) => path.Length == 0 ? null : At(obj, path) switch
    {
        JsonValue text => text.ToString(),
        JsonObject selector when selector.ContainsKey("matchLabels") || selector.ContainsKey("matchExpressions") => LabelSelector.FromObject(selector)?.ToString(),
        JsonObject labels => LabelSelector.FromMap(labels).ToString(),
        _ => null,
    };

    public static void Set(JsonObject obj, string path, long value)
    {
        var names = path.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var at = obj;
        foreach (var name in names[..^1])
        {
            if (at[name] is not JsonObject child) { at[name] = child = []; }
            at = child;
        }

        at[names[^1]] = value;
    }

    private static JsonNode? At(JsonNode? node, string path)
    {
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries)) { node = (node as JsonObject)?[name]; }
        return node;
    }
}
