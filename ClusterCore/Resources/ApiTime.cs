using System.Globalization;

namespace Flotilla.ClusterCore.Resources;

/// <summary>RFC 3339 as Kubernetes reads and writes it: seconds for Time, microseconds for MicroTime, always UTC.</summary>
public static class ApiTime
{
    private static readonly string[] Layouts =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    public static bool TryParse(string text, out DateTimeOffset time)
    {
        time = default;

        // Without a zone it is no RFC 3339, though .NET would take it as local; more than seven digits .NET cannot read.
        if (text.Length < 20 || !HasZone(text))
        {
            return false;
        }

        return DateTimeOffset.TryParseExact(
            Shorten(text), Layouts, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>With exactly six digits behind the point.</summary>
    public static bool TryParseMicro(string text, out DateTimeOffset time)
    {
        const int Point = 19, Zone = 26;
        time = default;
        return text.Length > Zone && text[Point] == '.' && !char.IsAsciiDigit(text[Zone]) && TryParse(text, out time);
    }

    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string FormatMicro(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static bool HasZone(string text) => text[^1] == 'Z' || text[^6] is '+' or '-';

    private static string Shorten(string text)
    {
        var end = 20;
        if (text[19] != '.')
        {
            return text;
        }

        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end > 27 ? text[..27] + text[end..] : text;
    }
}
