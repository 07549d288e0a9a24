using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>Pods from templates, and templates compared.</summary>
internal static class PodTemplates
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A pod of the template, controlled by <paramref name="owner"/>, with a generated name unless one is given.</summary>
    public static JsonObject Pod(RawJson? template, KubernetesObject owner, string? name = null)
    {
        var from = template?.ToNode() as JsonObject ?? [];
        var metadata = from["metadata"] as JsonObject ?? [];
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["labels"] = metadata["labels"]?.DeepClone() ?? new JsonObject(),
                ["annotations"] = metadata["annotations"]?.DeepClone() ?? new JsonObject(),
                ["finalizers"] = metadata["finalizers"]?.DeepClone() ?? new JsonArray(),
                ["ownerReferences"] = new JsonArray(ControllerReference(owner)),
            },
            ["spec"] = from["spec"]?.DeepClone() ?? new JsonObject(),
        };
        pod["metadata"]![name is null ? "generateName" : "name"] = name ?? GenerateName(owner.Metadata.Name);
        return pod;
    }

    public static JsonObject ControllerReference(KubernetesObject owner) => new()
    {
        ["apiVersion"] = owner.ApiVersion,
        ["kind"] = owner.Kind,
        ["name"] = owner.Metadata.Name,
        ["uid"] = owner.Metadata.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    /// <summary>Equal but for the label that a hash was written to, and for the order of fields.</summary>
    public static bool Same(RawJson? left, RawJson? right, string hashLabel = Labels.PodTemplateHash) =>
        left is not null && right is not null
        && (left.Utf8.Span.SequenceEqual(right.Utf8.Span)
            || JsonNode.DeepEquals(WithoutLabel(left, hashLabel), WithoutLabel(right, hashLabel)));

    /// <summary>A short name for what a template says, the same for equal templates whatever the order of their fields.</summary>
    public static string Hash(JsonNode? content, int? collisionCount = null)
    {
        var text = new StringBuilder();
        Canonical(content, text);
        if (collisionCount is { } collisions)
        {
            text.Append('#').Append(collisions);
        }
        var hash = 2166136261u;
        foreach (var octet in Encoding.UTF8.GetBytes(text.ToString()))
        {
            hash = (hash ^ octet) * 16777619u;
        }
        return string.Concat(hash.ToString().Select(digit => Alphabet[digit % Alphabet.Length]));
    }

    private static string GenerateName(string owner) => owner.Length > 57 ? owner[..57] + "-" : owner + "-";

    private static JsonNode WithoutLabel(RawJson template, string label)
    {
        var tree = template.ToNode();
        (tree["metadata"]?["labels"] as JsonObject)?.Remove(label);
        return tree;
    }

    private static void Canonical(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject fields:
                text.Append('{');
                foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    text.Append(name).Append(':');
                    Canonical(value, text);
                    text.Append(',');
                }
                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    Canonical(item, text);
                    text.Append(',');
                }
                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}
