using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>Reads one value without structure, in the form Kubernetes writes it.</summary>
internal static class ScalarReader
{
    /// <returns>Null when the token does not fit; <paramref name="error"/> then says why, or is null for a plain type mismatch.</returns>
    public static JsonNode? Read(ref Utf8JsonReader reader, SchemaKind kind, out string? error)
    {
        error = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return FromText(ref reader, kind, out error);
            case JsonTokenType.Number:
                return FromNumber(ref reader, kind, out error);
            case JsonTokenType.True or JsonTokenType.False when kind == SchemaKind.Boolean:
                return JsonValue.Create(reader.TokenType == JsonTokenType.True);
            default:
                return null;
        }
    }

    public static JsonNode? ReadAny(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        JsonTokenType.Number => reader.TryGetInt64(out var whole) ? JsonValue.Create(whole) : FromDouble(ref reader),
        _ => null,
    };

    private static JsonNode? FromText(ref Utf8JsonReader reader, SchemaKind kind, out string? error)
    {
        error = null;
        switch (kind)
        {
            case SchemaKind.String or SchemaKind.IntOrString:
                return JsonValue.Create(reader.GetString());
            case SchemaKind.Bytes:
                var encoded = reader.GetString()!;
                return GoBase64.Describe(System.Text.Encoding.UTF8.GetBytes(encoded)) is { } wrong
                    ? Fail(wrong, out error)
                    : JsonValue.Create(encoded.AsSpan().ContainsAny('\r', '\n') ? encoded.ReplaceLineEndings("") : encoded);
            case SchemaKind.Quantity:
                return FromQuantity(reader.GetString()!, out error);
            case SchemaKind.Time or SchemaKind.MicroTime:
                return FromTime(reader.GetString()!, kind, out error);
            case SchemaKind.Duration:
                var text = reader.GetString()!;
                return GoDuration.TryParse(text, out var duration)
                    ? JsonValue.Create(GoDuration.Format(duration))
                    : Fail($"time: invalid duration {FieldError.Quote(text)}", out error);
            default:
                return null;
        }
    }

    private static JsonNode? FromNumber(ref Utf8JsonReader reader, SchemaKind kind, out string? error)
    {
        error = null;
        switch (kind)
        {
            case SchemaKind.Int32 or SchemaKind.IntOrString:
                return reader.TryGetInt32(out var small) && IsWhole(ref reader) ? JsonValue.Create((long)small) : null;
            case SchemaKind.Int64:
                return reader.TryGetInt64(out var large) && IsWhole(ref reader) ? JsonValue.Create(large) : null;
            case SchemaKind.Double:
                return FromDouble(ref reader);
            case SchemaKind.Quantity:
                return FromQuantity(System.Text.Encoding.UTF8.GetString(reader.ValueSpan), out error);
            default:
                return null;
        }
    }

    /// <summary>1.0 and 1e3 are no integers to Go.</summary>
    private static bool IsWhole(ref Utf8JsonReader reader) => !reader.ValueSpan.ContainsAny(".eE"u8);

    private static JsonNode? FromDouble(ref Utf8JsonReader reader) =>
        reader.TryGetDouble(out var value) && double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonNode? FromQuantity(string text, out string? error)
    {
        error = null;
        return Quantity.TryParse(text, out var quantity, out var reason) ? JsonValue.Create(quantity.ToString()) : Fail(reason!, out error);
    }

    private static JsonNode? FromTime(string text, SchemaKind kind, out string? error)
    {
        error = null;
        if (kind == SchemaKind.Time && ApiTime.TryParse(text, out var time)) { return JsonValue.Create(ApiTime.Format(time)); }
        if (kind == SchemaKind.MicroTime && ApiTime.TryParseMicro(text, out time)) { return JsonValue.Create(ApiTime.FormatMicro(time)); }
        return Fail(GoTime.Describe(text, kind == SchemaKind.MicroTime), out error);
    }

    private static JsonNode? Fail(string reason, out string? error)
    {
        error = reason;
        return null;
    }
}
