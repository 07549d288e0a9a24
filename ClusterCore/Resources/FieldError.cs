using System.Globalization;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources;

public enum FieldErrorType { NotFound, Required, Duplicate, Invalid, NotSupported, Forbidden, TooLong, TooMany, Internal, TypeInvalid }

/// <summary>What is wrong with one field, in the words of field.Error: becomes a cause of a 422 Status.</summary>
/// <param name="Field">Path such as spec.containers[0].name.</param>
/// <param name="BadValue">A JsonNode, string, number or boolean; null shows as null where the type of error shows a value.</param>
public sealed record FieldError(FieldErrorType Type, string Field, object? BadValue, string Detail)
{
    private static readonly object Omitted = new();

    /// <summary>The cause's reason: FieldValueInvalid and its like.</summary>
    public string Reason => Type switch
    {
        FieldErrorType.NotFound => "FieldValueNotFound",
        FieldErrorType.Required => "FieldValueRequired",
        FieldErrorType.Duplicate => "FieldValueDuplicate",
        FieldErrorType.Invalid => "FieldValueInvalid",
        FieldErrorType.NotSupported => "FieldValueNotSupported",
        FieldErrorType.Forbidden => "FieldValueForbidden",
        FieldErrorType.TooLong => "FieldValueTooLong",
        FieldErrorType.TooMany => "FieldValueTooMany",
        FieldErrorType.TypeInvalid => "FieldValueTypeInvalid",
        _ => "InternalError",
    };

    /// <summary>The cause's message: what is wrong, without the field.</summary>
    public string Body
    {
        get
        {
            var head = Type switch
            {
                FieldErrorType.NotFound => "Not found",
                FieldErrorType.Required => "Required value",
                FieldErrorType.Duplicate => "Duplicate value",
                FieldErrorType.Invalid or FieldErrorType.TypeInvalid => "Invalid value",
                FieldErrorType.NotSupported => "Unsupported value",
                FieldErrorType.Forbidden => "Forbidden",
                FieldErrorType.TooLong => "Too long",
                FieldErrorType.TooMany => "Too many",
                _ => "Internal error",
            };
            var value = Type is FieldErrorType.Required or FieldErrorType.Forbidden or FieldErrorType.TooLong or FieldErrorType.Internal || BadValue == Omitted
                ? head : $"{head}: {Show(BadValue)}";
            return Detail.Length == 0 ? value : $"{value}: {Detail}";
        }
    }

    public override string ToString() => $"{Field}: {Body}";

    public static FieldError Required(string field, string detail = "") => new(FieldErrorType.Required, field, "", detail);

    public static FieldError Invalid(string field, object? value, string detail) => new(FieldErrorType.Invalid, field, value, detail);

    /// <summary>An Invalid that shows no value.</summary>
    public static FieldError InvalidAsAWhole(string field, string detail) => new(FieldErrorType.Invalid, field, Omitted, detail);

    public static FieldError Forbidden(string field, string detail) => new(FieldErrorType.Forbidden, field, "", detail);

    public static FieldError Duplicate(string field, object? value) => new(FieldErrorType.Duplicate, field, value, "");

    public static FieldError NotFound(string field, object? value) => new(FieldErrorType.NotFound, field, value, "");

    /// <param name="supported">Shown quoted in this order: upstream sorts some lists and not others, so callers say.</param>
    public static FieldError NotSupported(string field, object? value, IEnumerable<string> supported)
    {
        var values = supported.Select(Quote).ToList();
        return new(FieldErrorType.NotSupported, field, value, values.Count == 0 ? "" : $"supported values: {string.Join(", ", values)}");
    }

    public static FieldError TooLong(string field, int maximum) =>
        new(FieldErrorType.TooLong, field, "", $"may not be more than {maximum} bytes");

    public static FieldError TooMany(string field, int actual, int maximum) =>
        new(FieldErrorType.TooMany, field, actual, $"must have at most {maximum} item{(maximum == 1 ? "" : "s")}");

    /// <summary>A text as Go's %q prints it.</summary>
    public static string Quote(string text)
    {
        if (text.All(static c => c is >= ' ' and not ('"' or '\\' or '\x7f')))
        {
            return $"\"{text}\"";
        }

        var escaped = text.SelectMany(static c => c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\a' => "\\a",
            '\b' => "\\b",
            '\f' => "\\f",
            '\v' => "\\v",
            < ' ' or '\x7f' => $"\\x{(int)c:x2}",
            _ => c.ToString(),
        });
        return $"\"{string.Concat(escaped)}\"";
    }

    private static string Show(object? value) => value switch
    {
        null => "null",
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        JsonValue node when node.TryGetValue<string>(out var text) => Quote(text),
        JsonNode node => node.ToJsonString(JsonCodec.NodeOptions),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "null",
    };
}
