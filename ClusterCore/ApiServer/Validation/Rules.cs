using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Rules many kinds share, with upstream's messages.</summary>
internal static class Rules
{
    public const string Immutable = "field is immutable";
    private const string Negative = "must be greater than or equal to 0";

    public static void NotNegative(JsonObject obj, string name, string path, FieldErrors errors)
    {
        if (obj.Number(name) is < 0 and var value)
        {
            errors.Invalid(At(path, name), value, Negative);
        }
    }

    public static void Positive(JsonObject obj, string name, string path, FieldErrors errors)
    {
        if (obj.Number(name) is <= 0 and var value)
        {
            errors.Invalid($"{path}.{name}", value, "must be greater than 0");
        }
    }

    public static void Between(JsonObject obj, string name, long least, long most, string path, FieldErrors errors)
    {
        if (obj.Number(name) is { } value && (value < least || value > most))
        {
            errors.Invalid($"{path}.{name}", value, $"must be between {least} and {most}, inclusive");
        }
    }

    /// <summary>A text that must be there and, if there is a rule, follow it.</summary>
    public static void Required(JsonObject obj, string name, string path, FieldErrors errors, Func<string, IReadOnlyList<string>>? rule = null, string detail = "")
    {
        if (!obj.Has(name))
        {
            errors.Required(At(path, name), detail);
        }
        else if (rule is not null)
        {
            Optional(obj, name, path, errors, rule);
        }
    }

    /// <summary>For rules that answer with one message or null.</summary>
    public static void Required(JsonObject obj, string name, string path, FieldErrors errors, Func<string, string?> rule, string detail = "") =>
        Required(obj, name, path, errors, text => rule(text) is { } wrong ? [wrong] : [], detail);

    public static void Optional(JsonObject obj, string name, string path, FieldErrors errors, Func<string, IReadOnlyList<string>> rule)
    {
        if (obj.Text(name) is { Length: > 0 } text)
        {
            errors.Check(At(path, name), text, rule(text));
        }
    }

    public static void Optional(JsonObject obj, string name, string path, FieldErrors errors, Func<string, string?> rule) =>
        Optional(obj, name, path, errors, text => rule(text) is { } wrong ? [wrong] : []);

    /// <summary>A text that may be missing; an empty one is looked at like any other.</summary>
    public static void Given(JsonObject obj, string name, string path, FieldErrors errors, Func<string, IReadOnlyList<string>> rule)
    {
        if (obj.Text(name) is { } text) { errors.Check(At(path, name), text, rule(text)); }
    }

    /// <summary>A text out of a list; missing is fine.</summary>
    public static void OneOf(JsonObject obj, string name, string path, FieldErrors errors, params string[] supported)
    {
        if (obj.Text(name) is { } text && !supported.Contains(text, StringComparer.Ordinal))
        {
            errors.NotSupported(At(path, name), text, supported);
        }
    }

    public static void RequiredOneOf(JsonObject obj, string name, string path, FieldErrors errors, params string[] supported)
    {
        if (!obj.Has(name))
        {
            errors.Required(At(path, name));
        }
        else
        {
            OneOf(obj, name, path, errors, supported);
        }
    }

    public static void Unchanged(JsonObject? obj, JsonObject? old, string name, string path, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj?[name], old?[name]))
        {
            errors.Invalid($"{path}.{name}", obj?[name], Immutable);
        }
    }

    /// <summary>The path of a field; those of the object itself have nothing in front.</summary>
    public static string At(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string? PortNumber(long port) => port is >= 1 and <= 65535 ? null : "must be between 1 and 65535, inclusive";

    /// <summary>A port by number or by name.</summary>
    public static void PortReference(JsonNode? port, string path, FieldErrors errors)
    {
        if (port is JsonValue value && value.GetValueKind() == JsonValueKind.String)
        {
            var name = value.GetValue<string>();
            errors.Check(path, name, ObjectNames.PortName(name));
        }
        else
        {
            var number = port is null ? 0 : Number(port);
            errors.Check(path, number, PortNumber(number));
        }
    }

    public static long Number(JsonNode node) => new JsonObject { ["n"] = node.DeepClone() }.Number("n") ?? 0;

    /// <summary>A whole number of things or a share of them: not negative, and a text must be a percentage.</summary>
    public static void CountOrPercent(JsonObject obj, string name, string path, FieldErrors errors)
    {
        if (obj.Text(name) is { } text)
        {
            if (Percent(text) is null)
            {
                errors.Invalid(
                    $"{path}.{name}", text, ObjectNames.PercentMessage);
            }
        }
        else
        {
            NotNegative(obj, name, path, errors);
        }
    }

    public static void NotMoreThanAll(JsonObject obj, string name, string path, FieldErrors errors)
    {
        if (Percent(obj.Text(name)) is > 100)
        {
            errors.Invalid($"{path}.{name}", obj.Text(name), "must not be greater than 100%");
        }
    }

    public static int? Percent(string? text) =>
        text is [.. var digits, '%'] && digits.Length > 0 && digits.All(char.IsAsciiDigit) && int.TryParse(digits, out var percent) ? percent : null;

    /// <summary>Zero of either form, as is what is of neither.</summary>
    public static bool IsZero(JsonObject obj, string name) =>
        obj.Text(name) is { } text ? (Percent(text) ?? (long.TryParse(text, out var number) ? number : 0)) == 0 : obj.Number(name) is null or 0;

    /// <summary>A relative path that does not lead out of where it starts.</summary>
    public static void LocalPath(JsonObject obj, string name, string path, FieldErrors errors)
    {
        if (obj.Text(name) is not { Length: > 0 } text)
        {
            return;
        }

        if (text[0] == '/')
        {
            errors.Invalid($"{path}.{name}", text, "must be a relative path");
        }

        NoBacksteps(text, $"{path}.{name}", errors);
    }

    /// <summary>Of a file in a volume: names that begin with two dots are the kubelet's own.</summary>
    public static void LocalFile(JsonObject obj, string name, string path, FieldErrors errors)
    {
        LocalPath(obj, name, path, errors);
        if (obj.Text(name) is ['.', '.', not '/', ..] text) { errors.Invalid($"{path}.{name}", text, "must not start with '..'"); }
    }

    public static void NoBacksteps(string text, string path, FieldErrors errors)
    {
        if (text.Split('/').Contains("..", StringComparer.Ordinal))
        {
            errors.Invalid(path, text, "must not contain '..'");
        }
    }
}
