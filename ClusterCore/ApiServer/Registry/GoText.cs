using System.Text.RegularExpressions;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>How refusals of strategic merge patches put things: as Go's converter of maps to types complains.</summary>
internal static partial class GoText
{
    /// <summary>From <c>json: cannot unmarshal string into Go struct field … of type int32</c> to <c>unrecognized type: int32</c>.</summary>
    public static string ConversionError(string error)
    {
        if (Mismatch().Match(error) is not { Success: true } match) { return error; }
        var (source, target) = (KindOf(match.Groups["from"].Value, match.Groups["number"].Value), match.Groups["to"].Value);
        return target switch
        {
            "string" when source is "int64" or "float64" => $"cannot convert {source} to {target}",
            "int32" or "int64" when source == "float64" => $"cannot convert {source} to {target}",
            ['[', ']', ..] => $"cannot restore slice from {source}",
            _ when target.StartsWith("map[", StringComparison.Ordinal) => $"cannot restore map from {source}",
            _ when target.Contains('.', StringComparison.Ordinal) => $"cannot restore struct from: {source}",
            _ => $"unrecognized type: {target}",
        };
    }

    private static string KindOf(string json, string number) => json switch
    {
        "number" => number.Contains('.', StringComparison.Ordinal) ? "float64" : "int64",
        "array" => "slice",
        "object" => "map",
        _ => json,
    };

    [GeneratedRegex(@"cannot unmarshal (?<from>\w+)(?: (?<number>\S+))? into Go (?:struct field \S+|value) of type (?<to>\S+)$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mismatch();
}
