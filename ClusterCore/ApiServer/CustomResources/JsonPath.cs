using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>The part of JSONPath that printer columns use: members, indexes, <c>[*]</c> and <c>[?(@.type=="Ready")]</c>.</summary>
internal static class JsonPath
{
    public static JsonNode? First(JsonNode? root, string path) => All([root], path.AsSpan()).FirstOrDefault();

    private static List<JsonNode?> All(List<JsonNode?> nodes, ReadOnlySpan<char> path)
    {
        while (path.Length > 0 && nodes.Count > 0)
        {
            if (path[0] == '.') { path = path[1..]; }
            var length = StepLength(path);
            if (length == 0) { return []; }
            var step = path[..length].ToString();
            nodes = [.. nodes.SelectMany(node => Take(node, step)).Where(node => node is not null)];
            path = path[length..];
        }

        return nodes;
    }

    private static int StepLength(ReadOnlySpan<char> path)
    {
        if (path.Length > 0 && path[0] == '[') { return path.IndexOf(']') + 1; }
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\') { i++; }
            else if (path[i] is '.' or '[') { return i; }
        }

        return path.Length;
    }

    private static IEnumerable<JsonNode?> Take(JsonNode? node, string step)
    {
        if (step[0] != '[') { return [(node as JsonObject)?[step.Replace("\\", "", StringComparison.Ordinal)]]; }
        var inner = step[1..^1].Trim();
        if (inner.StartsWith("?(", StringComparison.Ordinal)) { return Filter(node as JsonArray, inner[2..].TrimEnd(')')); }
        if (inner == "*") { return node is JsonArray list ? list : node is JsonObject map ? map.Select(pair => pair.Value) : []; }
        if (int.TryParse(inner, out var index)) { return node is JsonArray items && index < items.Count && index >= -items.Count ? [items[index < 0 ? items.Count + index : index]] : []; }
        return [(node as JsonObject)?[inner.Trim('\'', '"')]];
    }

    private static IEnumerable<JsonNode?> Filter(JsonArray? list, string condition)
    {
        var parts = condition.Split("==", 2);
        if (list is null || parts.Length != 2) { return []; }
        var (path, wanted) = (parts[0].Trim().TrimStart('@'), parts[1].Trim().Trim('\'', '"'));
        return list.Where(item => First(item, path)?.ToString() == wanted);
    }
}
