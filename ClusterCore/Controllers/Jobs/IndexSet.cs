using System.Globalization;
using System.Text;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>Completion indexes as a job's status writes them: <c>1,3-5,7</c>.</summary>
internal static class IndexSet
{
    /// <param name="below">Indexes from here on are not the job's any more.</param>
    public static SortedSet<int> Parse(string? text, int below = int.MaxValue)
    {
        var indexes = new SortedSet<int>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (int.TryParse(ends[0], CultureInfo.InvariantCulture, out var first)
                && int.TryParse(ends[^1], CultureInfo.InvariantCulture, out var last))
            {
                for (var index = first; index <= last && index < below; index++)
                {
                    indexes.Add(index);
                }
            }
        }
        return indexes;
    }

    public static string Format(IEnumerable<int> sorted)
    {
        var text = new StringBuilder();
        int? first = null, last = null;
        foreach (var index in sorted)
        {
            if (last is { } end && index == end + 1)
            {
                last = index;
                continue;
            }
            Append(text, first, last);
            (first, last) = (index, index);
        }
        Append(text, first, last);
        return text.ToString();
    }

    private static void Append(StringBuilder text, int? first, int? last)
    {
        if (first is { } from && last is { } to)
        {
            text.Append(text.Length > 0 ? "," : "").Append(from);
            // Two neighbours are written apart, three or more as a range.
            text.Append(to == from ? "" : to == from + 1 ? $",{to}" : $"-{to}");
        }
    }
}
