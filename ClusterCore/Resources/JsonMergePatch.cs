using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources;

/// <summary>RFC 7386: members of the patch replace, null removes, objects merge, everything else is replaced whole.</summary>
public static class JsonMergePatch
{
    public static PatchResult Apply(JsonObject original, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return PatchResult.Failed(400, $"error decoding patch: json: cannot unmarshal {JsonMessages.KindOf(patch)} into Go value of type map[string]interface {{}}");
        }

        var result = (JsonObject)original.DeepClone();
        Merge(result, changes);
        return new(result);
    }

    private static void Merge(JsonObject target, JsonObject changes)
    {
        foreach (var (name, change) in changes)
        {
            switch (change)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject inner when target[name] is JsonObject current:
                    Merge(current, inner);
                    break;
                case JsonObject inner:
                    // The RFC merges into an empty object, which drops the nulls of the patch.
                    var created = new JsonObject();
                    Merge(created, inner);
                    target[name] = created;
                    break;
                default:
                    target[name] = change.DeepClone();
                    break;
            }
        }
    }
}
