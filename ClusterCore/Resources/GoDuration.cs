using System.Buffers;
using System.Globalization;
using System.Text;

namespace Flotilla.ClusterCore.Resources;

/// <summary>Durations as Go writes them: 1h30m0s, 1.5s, 250ms.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Accepts a signed sequence of decimal numbers, each with a unit: ns, us, µs, ms, s, m, h.</summary>
    /// <param name="nanoseconds">The duration.</param>
    public static bool TryParse(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        rest = negative || rest.StartsWith("+") ? rest[1..] : rest;
        if (rest is "0")
        {
            return true;
        }

        decimal total = 0;
        while (rest.Length > 0)
        {
            if (!TryTakePart(ref rest, out var part) || (total += part) > long.MaxValue)
            {
                return false;
            }
        }

        nanoseconds = (long)(negative ? -total : total);
        return text.Length > 0 && text is not ("-" or "+");
    }

    public static string Format(long nanoseconds)
    {
        if (nanoseconds == 0)
        {
            return "0s";
        }

        var rest = nanoseconds < 0 ? (ulong)-(nanoseconds + 1) + 1 : (ulong)nanoseconds;
        var text = new StringBuilder(nanoseconds < 0 ? "-" : "");
        if (rest < 1_000_000_000)
        {
            var (unit, name) = rest switch { < 1_000 => (1m, "ns"), < 1_000_000 => (1_000m, "µs"), _ => (1_000_000m, "ms") };
            return text.Append((rest / unit).ToString("0.######", CultureInfo.InvariantCulture)).Append(name).ToString();
        }

        var (hours, minutes) = (rest / 3_600_000_000_000, rest / 60_000_000_000 % 60);
        var seconds = rest % 60_000_000_000 / 1_000_000_000m;
        _ = hours > 0 ? text.Append(hours).Append('h') : text;
        _ = hours > 0 || minutes > 0 ? text.Append(minutes).Append('m') : text;
        return text.Append(seconds.ToString("0.#########", CultureInfo.InvariantCulture)).Append('s').ToString();
    }

    private static bool TryTakePart(ref ReadOnlySpan<char> rest, out decimal nanoseconds)
    {
        nanoseconds = 0;
        var digits = rest.IndexOfAnyExcept(NumberCharacters);
        if (digits <= 0 || digits > 20
            || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        rest = rest[digits..];
        var length = rest.IndexOfAny(NumberCharacters) is >= 0 and var next ? next : rest.Length;
        decimal? unit = rest[..length] switch
        {
            "ns" => 1,
            "us" or "µs" or "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => null,
        };
        rest = rest[length..];
        nanoseconds = decimal.Truncate(number * (unit ?? 0));
        return unit is not null;
    }
}
