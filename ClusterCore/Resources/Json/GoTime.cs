namespace Flotilla.ClusterCore.Resources.Json;

/// <summary>Where Go's parser stops at a text that is no RFC 3339 time: its message shows the rest and what it looked for.</summary>
internal static class GoTime
{
    /// <summary>What is looked for, in order; numbers with their name and range.</summary>
    private static readonly (string Layout, string Name, int Least, int Most)[] parts =
    [
        ("2006", "year", 0, 9999), ("-", "", 0, 0), ("01", "month", 1, 12), ("-", "", 0, 0), ("02", "day", 1, 31), ("T", "", 0, 0),
        ("15", "hour", 0, 23), (":", "", 0, 0), ("04", "minute", 0, 59), (":", "", 0, 0), ("05", "second", 0, 59),
    ];

    /// <param name="isMicro">Exactly six digits behind the point, as MicroTime has them.</param>
    public static string Describe(string text, bool isMicro)
    {
        var at = 0;
        foreach (var (layout, name, least, most) in parts)
        {
            var rest = text[at..];
            if (name.Length == 0 ? !rest.StartsWith(layout, StringComparison.Ordinal) : !StartsWithDigits(rest, layout.Length)) { return NotAs(text, isMicro, rest, layout); }
            if (name.Length > 0 && int.Parse(rest.AsSpan(0, layout.Length)) is var number && (number < least || number > most)) { return OutOfRange(text, name); }
            at += layout.Length;
        }

        if (isMicro)
        {
            if (text.Length == at || text[at] != '.' || !StartsWithDigits(text[(at + 1)..], 6)) { return NotAs(text, isMicro, text[at..], ".000000"); }
            at += 7;
        }
        else if (at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]))
        {
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at])) { at++; }
        }

        var zone = text[at..];
        var length = zone is ['Z', ..] ? 1 : zone is ['+' or '-', _, _, ':', ..] && StartsWithDigits(zone[1..], 2) && StartsWithDigits(zone[4..], 2) ? 6 : 0;
        if (length == 0) { return NotAs(text, isMicro, zone, "Z07:00"); }
        return zone.Length > length ? $"parsing time {FieldError.Quote(text)}: extra text: {FieldError.Quote(zone[length..])}" : OutOfRange(text, "day");
    }

    private static bool StartsWithDigits(string text, int count) => text.Length >= count && text.AsSpan(0, count).IndexOfAnyExceptInRange('0', '9') < 0;

    private static string OutOfRange(string text, string name) => $"parsing time {FieldError.Quote(text)}: {name} out of range";

    private static string NotAs(string text, bool isMicro, string rest, string layout) =>
        $"parsing time {FieldError.Quote(text)} as \"2006-01-02T15:04:05{(isMicro ? ".000000" : "")}Z07:00\": cannot parse {FieldError.Quote(rest)} as {FieldError.Quote(layout)}";
}
