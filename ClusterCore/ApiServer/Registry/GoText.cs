using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>How refusals of strategic merge patches put things: as Go prints a map, and as its converter of maps to types complains.</summary>
internal static partial class GoText
{
    /// <summary>Such as <c>map[spec:map[replicas:x]]</c>, names in order.</summary>
    public static string Of(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonObject obj => $"map[{string.Join(' ', obj.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{member.Key}:{Of(member.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Of))}]",
        _ => node.ToString(),
    };

    /// <summary>From <c>json: cannot unmarshal string into Go struct field … of type int32</c> to <c>unrecognized type: int32</c>.</summary>
    public static string ConversionError(string error)
    {
        if (Mismatch().Match(error) is not { Success: true } match) { return error; }
        var (source, target) = (KindOf(match.Groups["from"].Value), match.Groups["to"].Value);
        return target switch
        {
            ['[', ']', ..] => $"cannot restore slice from {source}",
            _ when target.StartsWith("map[", StringComparison.Ordinal) => $"cannot restore map from {source}",
            _ when target.Contains('.', StringComparison.Ordinal) => $"cannot restore struct from: {source}",
            _ => $"unrecognized type: {target}",
        };
    }

    private static string KindOf(string json) => json switch
    {
        "number" => "int64",
        "array" => "slice",
        "object" => "map",
        _ => json,
    };

    [GeneratedRegex(@"cannot unmarshal (?<from>\w+) into Go (?:struct field \S+|value) of type (?<to>\S+)$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mismatch();
}
