using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Authorization;

/// <summary>One rule of a role.</summary>
internal sealed record PolicyRule(string[] Verbs, string[] Groups, string[] Resources, string[] Names, string[] Paths)
{
    public static readonly PolicyRule[] Everything = [new([All], [All], [All], [], []), new([All], [], [], [], [All])];

    private const string All = "*";

    public static PolicyRule[] ReadAll(JsonElement role) =>
        role.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array ? [.. rules.EnumerateArray().Select(Read)] : [];

    public static PolicyRule Read(JsonElement rule) => new(
        Texts(rule, "verbs"), Texts(rule, "apiGroups"), Texts(rule, "resources"), Texts(rule, "resourceNames"), Texts(rule, "nonResourceURLs"));

    public static PolicyRule[] ReadAll(JsonObject role)
    {
        using var document = JsonDocument.Parse(JsonCodec.Encode(role));
        return ReadAll(document.RootElement);
    }

    public JsonObject ToJson()
    {
        var rule = new JsonObject();
        foreach (var (name, texts) in (ReadOnlySpan<(string, string[])>)
            [("verbs", Verbs), ("apiGroups", Groups), ("resources", Resources), ("resourceNames", Names), ("nonResourceURLs", Paths)])
        {
            if (texts.Length > 0) { rule[name] = new JsonArray([.. texts.Select(text => (JsonNode)text)]); }
        }

        return rule;
    }

    public bool Allows(Attributes wanted)
    {
        if (!Has(Verbs, wanted.Verb)) { return false; }
        return wanted.IsResource
            ? Has(Groups, wanted.Group) && AllowsResource(wanted.Resource, wanted.Subresource) && AllowsName(wanted.Name)
            : Array.Exists(Paths, path => PathMatches(path, wanted.Path));
    }

    public bool AllowsResource(string resource, string subresource)
    {
        var combined = subresource.Length == 0 ? resource : $"{resource}/{subresource}";
        return Array.Exists(Resources, own =>
            own == All || own == combined || (subresource.Length > 0 && own.StartsWith("*/", StringComparison.Ordinal) && own.AsSpan(2).SequenceEqual(subresource)));
    }

    public bool AllowsName(string name) => Names.Length == 0 || Array.IndexOf(Names, name) >= 0;

    public static bool PathMatches(string pattern, string path) =>
        pattern == All || pattern == path || (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal));

    public static bool Has(string[] list, string wanted) => Array.IndexOf(list, wanted) >= 0 || Array.IndexOf(list, All) >= 0;

    private static string[] Texts(JsonElement rule, string name) =>
        rule.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")]
            : [];
}
