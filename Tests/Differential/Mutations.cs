using System.Text.Json.Nodes;

namespace Flotilla.Differential;

/// <param name="Value">What the field became, shortened.</param>
internal sealed record Change(string Field, string Value, JsonObject Theirs, JsonObject Ours);

/// <summary>Each field of a kind absent, null, empty, of another type, too long, out of range, twice, each of its enum's values and many a text.</summary>
internal static class Mutations
{
    private const int Deepest = 12;

    /// <summary>Pod templates are many times as large as all the rest of a workload: a share of their changes will do.</summary>
    private const int TemplateShare = 12;

    private static readonly string[] texts =
    [
        "", "x", "a_b!", "-a", "UPPER", "a b", "a.b/c", new('a', 64), new('a', 254), new('a', 1100), "é", "10.0.0.1", "10.0.0.0/8", "a/b/c", "/abs/../x", "1", "true", "*",
        "a%b", "fe80::1", "2001:db8::/32", "http",
    ];

    public static IEnumerable<Change> Of(Shape shape, JsonObject theirs, JsonObject ours)
    {
        yield return new("", "as it is", theirs, ours);
        foreach (var (path, at) in Paths(shape, [], []))
        {
            if (path[0] is "kind" or "apiVersion" or "status" || (path[0] is "metadata" && path is [_, "managedFields", ..])) { continue; }
            var isInTemplate = Array.IndexOf(path, "template") is >= 0 and var template && template < path.Length - 2;
            foreach (var (index, value) in Values(at).Prepend(null).Index())
            {
                if (isInTemplate && (path.Sum(static name => name.Sum(static sign => sign)) + index) % TemplateShare != 0) { continue; }
                var (changed, other) = (theirs.DeepClone().AsObject(), ours.DeepClone().AsObject());
                Set(changed, shape, path, value);
                Set(other, shape, path, value);
                var shown = value?.ToJsonString() ?? "null";
                yield return new(string.Join('.', path), shown.Length > 60 ? shown[..60] + "…" : shown, changed, other);
            }
        }
    }

    private static IEnumerable<(string[] Path, Shape Shape)> Paths(Shape shape, string[] path, string[] within)
    {
        if (path.Length > Deepest || within.Count(name => name == shape.Name) > 1) { yield break; }
        var inside = shape.Name.Length == 0 ? within : [.. within, shape.Name];
        var members = shape.Form == Form.Object ? shape.Fields : shape.Item is { } item ? [KeyValuePair.Create(shape.Form == Form.List ? "0" : "a", item)] : [];
        foreach (var (name, member) in members)
        {
            yield return ([.. path, name], member);
            foreach (var deeper in Paths(member, [.. path, name], inside)) { yield return deeper; }
        }
    }

    private static JsonNode Example(Shape shape, int depth = 0)
    {
        if (shape.Enum.FirstOrDefault() is { } first) { return first; }
        return shape.Form switch
        {
            Form.Object => new JsonObject(shape.Fields.Where(field => depth < 6 && shape.Required.Contains(field.Key)).Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Example(field.Value, depth + 1)))),
            Form.Map => new JsonObject { ["a"] = shape.Item is { } item ? Example(item, depth + 1) : "b" },
            Form.List => new JsonArray(Example(shape.Item!, depth + 1)),
            Form.Text or Form.Bytes => "x",
            Form.Integer or Form.Number => 1,
            Form.Boolean => true,
            Form.Quantity => "1",
            Form.IntOrString => 80,
            Form.Time => "2026-01-01T00:00:00Z",
            _ => new JsonObject(),
        };
    }

    private static IEnumerable<JsonNode?> Values(Shape shape) => shape.Form switch
    {
        Form.Text => [.. texts.Select(static text => (JsonNode)text), 5, .. shape.Enum.Select(static value => (JsonNode)value)],
        Form.Bytes => ["", "YQ==", "not base64!", 5],
        Form.Integer => [-1, 0, 1, 2, 100, 65536, 2147483647, 2147483648, -2147483649, "1", 1.5, true],
        Form.Boolean => [true, false, "true", 0],
        Form.Number => [1, 1.5, -1, "x"],
        Form.Quantity => ["-1", "0", "1", "1.5", "1e3", "abc", "1Gi", "100m", "0.0001", "", 1, 1.5, "1Ki "],
        Form.IntOrString => [-1, 0, 80, 70000, "http", "-bad", "50%", "150%", new string('x', 16), "", "UPPER", 1.5],
        Form.Time => ["bad", "", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123456Z", 5],
        Form.Map => [new JsonObject(), new JsonArray(), "x", Example(shape), .. MapsOf(shape)],
        Form.List => [new JsonArray(), new JsonObject(), "x", Example(shape), new JsonArray(Example(shape.Item!), Example(shape.Item!)), new JsonArray((JsonNode?)null), new JsonArray(new JsonObject())],
        _ => [new JsonObject(), Example(shape), new JsonArray(), "x"],
    };

    private static IEnumerable<JsonNode> MapsOf(Shape shape)
    {
        foreach (var key in (string[])["", "bad key!", new('a', 64), "x.y/z", "-"]) { yield return new JsonObject { [key] = shape.Item is { } item ? Example(item) : "b" }; }
        foreach (var value in (string[])["bad value!", new('a', 64)]) { yield return new JsonObject { ["a"] = value }; }
    }

    /// <summary>Null takes the field away; what leads to it is made where it is missing.</summary>
    private static void Set(JsonObject obj, Shape shape, string[] path, JsonNode? value)
    {
        JsonNode current = obj;
        for (var i = 0; ; i++)
        {
            var next = shape.Form == Form.Object ? shape.Fields.First(field => field.Key == path[i]).Value : shape.Item!;
            if (i == path.Length - 1)
            {
                Put(current, path[i], value?.DeepClone());
                return;
            }

            if (Member(current, path[i]) is not (JsonObject or JsonArray))
            {
                var made = Example(next);
                if (made is JsonArray { Count: 0 } list) { list.Add(Example(next.Item!)); }
                Put(current, path[i], made);
            }

            (current, shape) = (Member(current, path[i])!, next);
        }
    }

    private static JsonNode? Member(JsonNode holder, string name) => holder switch
    {
        JsonObject map => map[name],
        JsonArray { Count: > 0 } list => list[0],
        _ => null,
    };

    private static void Put(JsonNode holder, string name, JsonNode? value)
    {
        switch (holder)
        {
            case JsonObject map when value is null: map.Remove(name); break;
            case JsonObject map: map[name] = value; break;
            case JsonArray { Count: > 0 } list: list[0] = value; break;
            case JsonArray list: list.Add(value); break;
        }
    }
}
