using System.Globalization;
using System.Text.Json.Nodes;

namespace Flotilla.TestKit.FakeServer;

/// <summary>JSON merge patch, which also stands in for strategic merge and apply, and JSON patch.</summary>
internal static class FakePatch
{
    public static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject child)
            {
                if (target[name] is not JsonObject existing)
                {
                    target[name] = existing = [];
                }
                Merge(existing, child);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }
    }

    /// <returns>Whether every operation applied; a failing test or a missing parent says no.</returns>
    public static bool Apply(JsonObject target, JsonArray operations)
    {
        foreach (var operation in operations.OfType<JsonObject>())
        {
            var path = ((string)operation["path"]!).Split('/').Skip(1).Select(part => part.Replace("~1", "/").Replace("~0", "~")).ToArray();
            var parent = path[..^1].Aggregate((JsonNode?)target, Step);
            if (parent is null || !Apply(parent, path[^1], (string)operation["op"]!, operation["value"]))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Apply(JsonNode parent, string name, string op, JsonNode? value)
    {
        switch (op, parent)
        {
            case ("test", _):
                return JsonNode.DeepEquals(Step(parent, name), value);
            case ("remove", JsonObject fields):
                return fields.Remove(name);
            case ("remove", JsonArray items):
                items.RemoveAt(int.Parse(name, CultureInfo.InvariantCulture));
                return true;
            case (_, JsonObject fields):
                fields[name] = value?.DeepClone();
                return true;
            case ("add", JsonArray items):
                items.Insert(name == "-" ? items.Count : int.Parse(name, CultureInfo.InvariantCulture), value?.DeepClone());
                return true;
            case ("replace", JsonArray items):
                items[int.Parse(name, CultureInfo.InvariantCulture)] = value?.DeepClone();
                return true;
            default:
                return false;
        }
    }

    private static JsonNode? Step(JsonNode? node, string name) => node switch
    {
        JsonObject fields => fields[name],
        JsonArray items when int.TryParse(name, CultureInfo.InvariantCulture, out var at) && at < items.Count => items[at],
        _ => null,
    };
}
