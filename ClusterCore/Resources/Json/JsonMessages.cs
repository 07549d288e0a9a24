using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Json;

internal static class JsonMessages
{
    /// <summary>What is wrong with a body that is not JSON, with the place, and without .NET's words.</summary>
    public static string Describe(JsonException broken, ReadOnlySpan<byte> utf8)
    {
        if (broken.LineNumber is not { } line || broken.BytePositionInLine is not { } column)
        {
            return broken.Message;
        }

        if (broken.Message.Contains("maximum configured depth", StringComparison.Ordinal))
        {
            return "exceeded max depth";
        }

        var offset = Offset(utf8, line, column);
        return offset >= utf8.Length
            ? "unexpected end of JSON input"
            : $"invalid character {Show(utf8[offset])} at line {line + 1}, column {column + 1}";
    }

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

    private static int Offset(ReadOnlySpan<byte> utf8, long line, long column)
    {
        var start = 0;
        for (; line > 0; line--)
        {
            var newline = utf8[start..].IndexOf((byte)'\n');
            if (newline < 0)
            {
                break;
            }

            start += newline + 1;
        }

        return (int)Math.Min(utf8.Length, start + column);
    }

    private static string Show(byte value) => value is >= 0x20 and < 0x7f ? $"'{(char)value}'" : $"'\\x{value:x2}'";
}
