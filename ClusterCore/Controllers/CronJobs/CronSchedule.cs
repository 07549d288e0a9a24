using System.Globalization;
using System.Text.RegularExpressions;

namespace Flotilla.ClusterCore.Controllers.CronJobs;

/// <summary>The five fields of a cron schedule (minute, hour, day, month, weekday), or one of its names (<c>@daily</c>).</summary>
internal sealed partial class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private readonly ulong minutes, hours, days, months, weekdays;
    private readonly bool anyDay, anyWeekday;
    private readonly TimeZoneInfo zone;

    private readonly TimeSpan? every;

    private CronSchedule(TimeSpan every)
    {
        this.every = every;
        zone = TimeZoneInfo.Utc;
    }

    private CronSchedule(string[] fields, TimeZoneInfo zone)
    {
        this.zone = zone;
        (minutes, _) = Field(fields[0], 0, 59, []);
        (hours, _) = Field(fields[1], 0, 23, []);
        (days, anyDay) = Field(fields[2], 1, 31, []);
        (months, _) = Field(fields[3], 1, 12, Months);
        (weekdays, anyWeekday) = Field(fields[4], 0, 7, Weekdays);
        // Sunday may be written 7.
        weekdays = (weekdays & 1 << 7) != 0 ? weekdays | 1 : weekdays;
    }

    /// <exception cref="FormatException">The schedule or the time zone cannot be understood.</exception>
    public static CronSchedule Parse(string text, string? timeZone)
    {
        if (text.Trim() is ['@', 'e', 'v', 'e', 'r', 'y', ' ', .. var interval])
        {
            return new(Interval(interval));
        }
        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            return space < 0
                ? throw new FormatException($"no schedule after the time zone: {text}")
                : Parse(text[space..], text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..space]);
        }
        var expanded = text.Trim() switch
        {
            "@yearly" or "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" or "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            var other => other,
        };
        var fields = expanded.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
        {
            throw new FormatException($"expected exactly 5 fields, found {fields.Length}: [{text}]");
        }
        return new(fields, Zone(timeZone));
    }

    /// <summary>The first time after <paramref name="after"/>; null where none comes within five years.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (every is { } interval)
        {
            return new DateTimeOffset(after.UtcTicks - (after.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero) + interval;
        }
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        var time = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified).AddMinutes(1);
        var end = time.AddYears(5);
        while (time < end)
        {
            if (!Has(months, time.Month))
            {
                time = new DateTime(time.Year, time.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
            }
            else if (!IsDay(time))
            {
                time = time.Date.AddDays(1);
            }
            else if (!Has(hours, time.Hour))
            {
                time = time.Date.AddHours(time.Hour + 1);
            }
            else if (!Has(minutes, time.Minute) || zone.IsInvalidTime(time))
            {
                time = time.AddMinutes(1);
            }
            else
            {
                var instant = new DateTimeOffset(time, zone.GetUtcOffset(time)).ToUniversalTime();
                if (instant > after)
                {
                    return instant;
                }
                time = time.AddMinutes(1);
            }
        }
        return null;
    }

    /// <summary>Where both day fields are given, either is enough: that is cron's way.</summary>
    private bool IsDay(DateTime time)
    {
        var byDay = Has(days, time.Day);
        var byWeekday = Has(weekdays, (int)time.DayOfWeek);
        return anyDay || anyWeekday ? byDay && byWeekday : byDay || byWeekday;
    }

    /// <summary>Hours, minutes and seconds as <c>1h30m</c>; whole seconds, one at least.</summary>
    private static TimeSpan Interval(string text)
    {
        var match = Duration().Match(text);
        var interval = new TimeSpan(Part("h"), Part("m"), Part("s"));
        return match.Success && text.Length > 0
            ? interval < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : interval
            : throw new FormatException($"failed to parse duration @every {text}");

        int Part(string unit) => int.TryParse(match.Groups[unit].ValueSpan, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    [GeneratedRegex("^((?<h>[0-9]+)h)?((?<m>[0-9]+)m)?((?<s>[0-9]+)s)?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Duration();

    private static TimeZoneInfo Zone(string? name)
    {
        try
        {
            return string.IsNullOrEmpty(name) ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(name);
        }
        catch (TimeZoneNotFoundException exception)
        {
            throw new FormatException($"unknown time zone {name}", exception);
        }
    }

    private static bool Has(ulong set, int number) => (set >> number & 1) != 0;

    /// <summary>Lists of numbers, names, ranges and steps: <c>*/5</c>, <c>1-5</c>, <c>mon,wed</c>, <c>10-30/10</c>.</summary>
    private static (ulong Set, bool IsAny) Field(string text, int low, int high, string[] names)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            var stepped = part.Split('/');
            var step = stepped.Length == 2 ? Number(stepped[1], 1, high, []) : 1;
            var (from, to) = Range(stepped[0], low, high, names, isOpen: stepped.Length == 2);
            for (var number = from; number <= to; number += step)
            {
                set |= 1UL << number;
            }
        }
        return (set, text.StartsWith('*') || text.StartsWith('?'));
    }

    private static (int From, int To) Range(string text, int low, int high, string[] names, bool isOpen)
    {
        if (text is "*" or "?")
        {
            return (low, high);
        }
        var ends = text.Split('-');
        var from = Number(ends[0], low, high, names);
        var to = ends.Length == 2 ? Number(ends[1], low, high, names) : isOpen ? high : from;
        return from <= to ? (from, to) : throw new FormatException($"beginning of range ({from}) beyond end of range ({to}): {text}");
    }

    private static int Number(string text, int low, int high, string[] names)
    {
        var named = Array.FindIndex(names, name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        if (named >= 0)
        {
            return named + (names.Length == 12 ? 1 : 0);
        }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < low || number > high)
        {
            throw new FormatException($"failed to parse {text}: not within {low} and {high}");
        }
        return number;
    }
}
