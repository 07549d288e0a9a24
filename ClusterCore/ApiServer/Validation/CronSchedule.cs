using System.Globalization;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Whether a text is a schedule: five fields, or a word with an at sign.</summary>
internal static class CronSchedule
{
    private static readonly (string Name, int Least, int Most, string[] Names)[] Fields =
    [
        ("minute", 0, 59, []), ("hour", 0, 23, []), ("day of month", 1, 31, []),
        ("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        ("day of week", 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    public static string? Check(string schedule)
    {
        var text = schedule.StartsWith("TZ=", StringComparison.Ordinal) || schedule.StartsWith("CRON_TZ=", StringComparison.Ordinal)
            ? schedule[(schedule.IndexOf(' ') + 1)..] : schedule;
        if (text.StartsWith('@'))
        {
            return CheckWord(text);
        }

        var fields = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Fields.Length)
        {
            return $"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]";
        }

        return fields.Zip(Fields, static (field, rule) => CheckField(field, rule.Least, rule.Most, rule.Names)).FirstOrDefault(static wrong => wrong is not null);
    }

    private static string? CheckWord(string text)
    {
        if (text is "@yearly" or "@annually" or "@monthly" or "@weekly" or "@daily" or "@midnight" or "@hourly")
        {
            return null;
        }

        const string every = "@every ";
        return text.StartsWith(every, StringComparison.Ordinal) && Resources.GoDuration.TryParse(text[every.Length..], out _)
            ? null : $"unrecognized descriptor: {text}";
    }

    private static string? CheckField(string field, int least, int most, string[] names) =>
        field.Split(',').Select(part => CheckRange(part, least, most, names)).FirstOrDefault(static wrong => wrong is not null);

    private static string? CheckRange(string part, int least, int most, string[] names)
    {
        var (range, step) = part.Split('/') switch
        {
            [var only] => (only, "1"),
            [var before, var after] => (before, after),
            _ => ("", ""),
        };
        if (!int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var steps))
        {
            return $"failed to parse int from {step}: strconv.Atoi: parsing \"{step}\": invalid syntax";
        }

        if (steps == 0)
        {
            return $"step of range should be a positive number: {part}";
        }

        if (range is "*" or "?")
        {
            return null;
        }

        var ends = range.Split('-');
        if (ends.Length > 2)
        {
            return $"too many hyphens: {part}";
        }

        var numbers = ends.Select(end => Value(end, names, least)).ToList();
        return numbers.FindIndex(static number => number is null) is >= 0 and var bad
            ? $"failed to parse int from {ends[bad]}: strconv.Atoi: parsing \"{ends[bad]}\": invalid syntax"
            : numbers[0] < least ? $"beginning of range ({numbers[0]}) below minimum ({least}): {part}"
            : numbers[^1] > most ? $"end of range ({numbers[^1]}) above maximum ({most}): {part}"
            : numbers[0] > numbers[^1] ? $"beginning of range ({numbers[0]}) beyond end of range ({numbers[^1]}): {part}"
            : null;
    }

    private static int? Value(string text, string[] names, int least)
    {
        var name = Array.FindIndex(names, candidate => string.Equals(candidate, text, StringComparison.OrdinalIgnoreCase));
        return name >= 0 ? name + least : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
