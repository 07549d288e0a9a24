using System.Globalization;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Indexes of a job as a text: <c>1,3-5,7</c>.</summary>
internal static class JobIndexes
{
    /// <returns>How many there are, or what is wrong.</returns>
    public static (long Total, string? Wrong) Count(string text, long completions)
    {
        var (total, last) = (0L, -1L);
        foreach (var interval in text.Length == 0 ? [] : text.Split(','))
        {
            var (from, to, wrong) = Interval(interval, completions);
            wrong ??= last >= from ? $"non-increasing order, previous: {last}, current: {from}" : null;
            if (wrong is not null) { return (0, wrong); }
            (total, last) = (total + to - from + 1, to);
        }

        return (total, null);
    }

    private static (long From, long To, string? Wrong) Interval(string interval, long completions)
    {
        var limits = interval.Split('-');
        if (limits.Length > 2) { return (0, 0, $"the fragment {FieldError.Quote(interval)} violates the requirement that an index interval can have at most two parts separated by '-'"); }
        var numbers = new List<long>();
        foreach (var limit in limits)
        {
            if (!long.TryParse(limit, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) { return (0, 0, $"cannot convert string to integer for index: {FieldError.Quote(limit)}"); }
            if (number >= completions) { return (0, 0, $"too large index: {FieldError.Quote(limit)}"); }
            numbers.Add(number);
        }

        return numbers.Count == 2 && numbers[0] >= numbers[1]
            ? (0, 0, $"non-increasing order, previous: {numbers[0]}, current: {numbers[1]}")
            : (numbers[0], numbers[^1], null);
    }
}
