using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>Where scale finds and puts its numbers.</summary>
internal static class SubresourceValidation
{
    public static void Check(JsonObject version, string path, FieldErrors errors)
    {
        if (version.Object("subresources")?.Object("scale") is not { } scale) { return; }
        Replicas(scale, "specReplicasPath", ".spec", path, errors);
        Replicas(scale, "statusReplicasPath", ".status", path, errors);
        if (scale.Text("labelSelectorPath") is { Length: > 0 } selector)
        {
            errors.Check($"{path}.scale.labelSelectorPath", selector,
                SimplePath(selector) ?? (IsUnder(selector, ".spec") || IsUnder(selector, ".status") ? null : "should be a json path under either .spec or .status"));
        }
    }

    /// <summary>What is wrong with a path of members; printer columns have such paths too.</summary>
    public static string? SimplePath(string path) => path[0] == '.' ? null : "must be a simple json path starting with .";

    private static void Replicas(JsonObject scale, string name, string root, string path, FieldErrors errors)
    {
        var at = $"{path}.scale.{name}";
        if (!scale.Has(name)) { errors.Required(at); }
        else if (scale.Text(name) is { } text) { errors.Check(at, text, SimplePath(text) ?? (IsUnder(text, root) ? null : $"should be a json path under {root}")); }
    }

    private static bool IsUnder(string path, string root) => path.StartsWith(root + ".", StringComparison.Ordinal);
}
