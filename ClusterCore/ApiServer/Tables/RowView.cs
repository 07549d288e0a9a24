using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Tables;

/// <summary>One object while its cells are made.</summary>
internal sealed record RowView(JsonObject Object, DateTimeOffset Now)
{
    public const string None = "<none>";
    public const string Unset = "<unset>";

    public string Name => ObjectMeta.Name(Object);

    public string Age => Tables.Age.Since(Text("metadata.creationTimestamp"), Now);

    public JsonNode? At(string path)
    {
        JsonNode? at = Object;
        foreach (var segment in path.Split('.'))
        {
            if (at is not JsonObject parent) { return null; }
            at = parent[segment];
        }

        return at;
    }

    public string Text(string path) => At(path) is JsonValue value ? value.ToString() : "";

    public string TextOr(string path, string missing) => Text(path) is { Length: > 0 } text ? text : missing;

    public long Number(string path) => At(path) is JsonValue value && long.TryParse(value.ToString(), out var number) ? number : 0;

    public JsonNode? NumberOrNone(string path) => At(path) is JsonValue ? Number(path) : None;

    public IEnumerable<JsonObject> List(string path) => At(path) is JsonArray list ? list.OfType<JsonObject>() : [];

    public int Count(string path) => At(path) switch { JsonArray list => list.Count, JsonObject map => map.Count, _ => 0 };

    public string AgeOf(string path) => Tables.Age.Since(Text(path), Now);

    /// <summary><c>app=web,tier=front</c>, in order of keys.</summary>
    public string Labels(string path) =>
        At(path) is JsonObject { Count: > 0 } map
            ? string.Join(',', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))
            : None;

    /// <summary>A LabelSelector, or a plain map of labels.</summary>
    public string Selector(string path)
    {
        if (At(path) is not JsonObject selector) { return None; }
        if (selector["matchLabels"] is null && selector["matchExpressions"] is null) { return selector.Count == 0 ? None : Labels(path); }
        var parsed = Flotilla.ClusterCore.Resources.LabelSelector.FromObject(selector)?.ToString();
        return string.IsNullOrEmpty(parsed) ? None : parsed;
    }

    public string Join(string path, Func<JsonObject, string> part, string missing = None)
    {
        var text = string.Join(',', List(path).Select(part));
        return text.Length == 0 ? missing : text;
    }
}
