using System.Globalization;
using System.Text.Json;

namespace Flotilla.ClusterCore.Resources.Yaml;

/// <summary>What a plain scalar means: the YAML 1.2 core words, and the numbers of YAML 1.1 that Go's reader takes.</summary>
internal static class YamlScalars
{
    /// <summary>Old booleans: read as texts, but written quoted, for readers of YAML 1.1.</summary>
    private static readonly HashSet<string> OldBooleans = new(StringComparer.Ordinal)
    {
        "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF",
    };

    public static bool IsNotText(string text) =>
        OldBooleans.Contains(text) || IsNull(text) || AsBoolean(text) is not null || TryWhole(text, out _) || TryFloat(text, out _)
        || LooksLikeDate(text);

    public static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    public static bool? AsBoolean(string text) => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    };

    public static void Write(string text, Utf8JsonWriter writer)
    {
        if (IsNull(text))
        {
            writer.WriteNullValue();
        }
        else if (AsBoolean(text) is { } flag)
        {
            writer.WriteBooleanValue(flag);
        }
        else if (TryWhole(text, out var whole))
        {
            writer.WriteNumberValue(whole);
        }
        else if (TryFloat(text, out var number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    private static bool TryWhole(string text, out decimal value)
    {
        value = 0;
        var digits = text.Replace("_", "", StringComparison.Ordinal).AsSpan();
        if (digits.Length == 0 || text[0] == '_' || !char.IsAsciiDigit(digits[^1]) && !digits.StartsWith("0x") && !digits.StartsWith("-0x"))
        {
            return false;
        }

        var negative = digits[0] == '-';
        digits = digits[0] is '-' or '+' ? digits[1..] : digits;
        var parsed = digits switch
        {
            ['0', 'x', .. var hex] when ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) => number,
            ['0', 'b', .. var bits] when ulong.TryParse(bits, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out var number) => number,
            ['0', 'o', .. var octal] => Octal(octal),
            ['0', .. { Length: > 0 } octal] => Octal(octal),
            _ when ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => (ulong?)null,
        };
        value = negative ? -(decimal)(parsed ?? 0) : parsed ?? 0;
        return parsed is not null;
    }

    private static ulong? Octal(ReadOnlySpan<char> digits)
    {
        ulong value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || value > ulong.MaxValue / 8)
            {
                return null;
            }

            value = (value * 8) + (ulong)(digit - '0');
        }

        return digits.Length == 0 ? null : value;
    }

    private static bool TryFloat(string text, out double value)
    {
        value = 0;
        return text.Any(char.IsAsciiDigit) && text[0] is '-' or '+' or '.' or (>= '0' and <= '9')
            && text.All(static c => char.IsAsciiDigit(c) || c is '.' or 'e' or 'E' or '+' or '-')
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    private static bool LooksLikeDate(string text) =>
        text.Length >= 8 && char.IsAsciiDigit(text[0]) && text.Length > 4 && text[4] == '-' && text.All(static c => char.IsAsciiDigit(c) || c is '-' or ':' or 'T' or 'Z' or '.' or '+' or ' ');
}
