using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>Values as Go prints them, which is how some refusals show what they refuse.</summary>
public static class GoFormat
{
    /// <summary><c>%v</c>, such as <c>map[spec:map[replicas:x]]</c>: names in order.</summary>
    public static string Of(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonObject obj => $"map[{string.Join(' ', obj.OrderBy(static member => member.Key, StringComparer.Ordinal).Select(static member => $"{member.Key}:{Of(member.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Of))}]",
        _ => node.ToString(),
    };

    /// <summary><c>%#v</c>, such as <c>map[string]interface {}{"a":1}</c>.</summary>
    public static string Literal(JsonNode? node) => node switch
    {
        null => "interface {}(nil)",
        JsonObject obj => $"{TypeOf(obj)}{{{string.Join(", ", obj.OrderBy(static member => member.Key, StringComparer.Ordinal).Select(static member => $"{FieldError.Quote(member.Key)}:{Literal(member.Value)}"))}}}",
        JsonArray list => $"{TypeOf(list)}{{{string.Join(", ", list.Select(Literal))}}}",
        _ => node.GetValueKind() == JsonValueKind.String ? FieldError.Quote(node.ToString()) : node.ToJsonString(JsonCodec.NodeOptions),
    };

    /// <summary><c>%T</c> of what JSON is read into.</summary>
    public static string TypeOf(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Number when node.ToJsonString().AsSpan().ContainsAny('.', 'e', 'E') => "float64",
        JsonValueKind.Number => "int64",
        _ => "<nil>",
    };
}
