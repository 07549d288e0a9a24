using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Json;

internal static class JsonMessages
{
    /// <summary>What is wrong with a body that is not JSON, in Go's words and not .NET's.</summary>
    public static string Describe(JsonException broken, ReadOnlySpan<byte> utf8) =>
        broken.Message.Contains("maximum configured depth", StringComparison.Ordinal) ? "exceeded max depth" : GoSyntax.Describe(utf8) ?? broken.Message;

    /// <summary>What Go calls the kind of a value it cannot put somewhere.</summary>
    public static string KindOf(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "null",
    };
}
