using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources.Patches;

/// <summary>Merges one object of the patch into the same place of the document; <see cref="ListMerge"/> does lists.</summary>
internal static class StrategicMerge
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList";
    internal const string SetElementOrder = "$setElementOrder";
    private const string BadRetainKeys = "invalid patch format of retainKeys";

    public static PatchResult Apply(JsonObject original, JsonNode? patch, ISchema schema)
    {
        if (patch is not JsonObject changes)
        {
            return PatchResult.Failed(400, $"json: cannot unmarshal {JsonMessages.KindOf(patch)} into Go value of type map[string]interface {{}}");
        }

        try
        {
            var result = (JsonObject)original.DeepClone();
            return new(Merge(result, (JsonObject)changes.DeepClone(), schema));
        }
        catch (PatchException refused)
        {
            return PatchResult.Failed(400, refused.Message);
        }
    }

    /// <summary>Takes the patch apart: its nodes move into the result.</summary>
    internal static JsonObject Merge(JsonObject target, JsonObject patch, ISchema? schema)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            var shown = GoFormat.Of(patch);
            patch.Remove(Directive);
            switch (directive?.ToString())
            {
                case "replace":
                    return Created(patch, schema);
                case "delete":
                    return [];
                case "merge":
                    break;
                case var unknown:
                    throw new PatchException($"unknown patch type: {unknown} in map: {shown}");
            }
        }

        ApplyRetainKeys(target, patch);
        foreach (var name in patch.Select(static member => member.Key).ToList())
        {
            MergeMember(target, patch, name, schema);
        }

        return target;
    }

    /// <summary>What a patch makes where there was nothing: itself without its directives and nulls.</summary>
    internal static JsonObject Created(JsonObject patch, ISchema? schema) => Merge([], patch, schema);

    private static void MergeMember(JsonObject target, JsonObject patch, string name, ISchema? schema)
    {
        if (!patch.TryGetPropertyValue(name, out var change) || IsConsumedWithItsList(target, patch, name, schema))
        {
            return;
        }

        patch.Remove(name);
        var field = schema?.Field(name);
        var value = field?.Value ?? (schema?.Kind == SchemaKind.Map ? schema.Item : null);
        switch (change)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject inner:
                MergeObject(target, name, inner, value, field);
                break;
            case JsonArray list:
                ListMerge.Merge(target, name, list, field, Take(patch, $"{DeleteFromPrimitiveList}/{name}"), Take(patch, $"{SetElementOrder}/{name}"));
                break;
            default:
                target[name] = change;
                break;
        }
    }

    private static void MergeObject(JsonObject target, string name, JsonObject change, ISchema? value, FieldSchema? field)
    {
        var directive = change[Directive]?.ToString();
        if (directive is null && field?.PatchStrategy == "replace")
        {
            target[name] = Created(change, value);
        }
        else if (directive == "delete")
        {
            target.Remove(name);
        }
        else if (target[name] is JsonObject current)
        {
            var merged = Merge(current, change, value);
            if (!ReferenceEquals(merged, current))
            {
                target[name] = merged;
            }
        }
        else
        {
            target[name] = Created(change, value);
        }
    }

    /// <summary>A list's directives stand beside it; they are used with the list, or here when the patch has no list.</summary>
    private static bool IsConsumedWithItsList(JsonObject target, JsonObject patch, string name, ISchema? schema)
    {
        if (!name.StartsWith('$'))
        {
            return false;
        }

        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || name[..slash] is not (DeleteFromPrimitiveList or SetElementOrder))
        {
            return false;
        }

        var list = name[(slash + 1)..];
        if (!patch.ContainsKey(list))
        {
            ListMerge.Merge(target, list, [], schema?.Field(list), Take(patch, $"{DeleteFromPrimitiveList}/{list}"), Take(patch, $"{SetElementOrder}/{list}"));
        }

        return true;
    }

    private static void ApplyRetainKeys(JsonObject target, JsonObject patch)
    {
        if (!patch.Remove(RetainKeys, out var node))
        {
            return;
        }

        if (node is not JsonArray keys || keys.Any(static key => key is not JsonValue value || !value.TryGetValue<string>(out _)))
        {
            throw new PatchException(BadRetainKeys);
        }

        var retained = keys.Select(static key => key!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        if (patch.Any(member => !retained.Contains(member.Key) && member.Value is not null))
        {
            throw new PatchException(BadRetainKeys);
        }

        foreach (var name in target.Select(static member => member.Key).Where(name => !retained.Contains(name)).ToList())
        {
            target.Remove(name);
        }
    }

    private static JsonArray? Take(JsonObject patch, string name)
    {
        if (!patch.Remove(name, out var node))
        {
            return null;
        }

        return node as JsonArray ?? throw new PatchException($"{name} must be a list");
    }
}

/// <summary>A patch that cannot be applied: leaves the recursion of one merge, never the merge.</summary>
internal sealed class PatchException(string message) : Exception(message);
