using System.Globalization;
using Flotilla.ClusterCore.Client.Json;

namespace Flotilla.ClusterCore.Controllers.CronJobs;

/// <summary>The times of starts as others read them.</summary>
internal static class CronJobTime
{
    /// <summary>As Go's RFC1123Z: with the offset in numbers.</summary>
    public static string Spoken(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("ddd, dd MMM yyyy HH':'mm':'ss '+0000'", CultureInfo.InvariantCulture);

    /// <summary>In the cron job's own time zone, so that a job sees the time that the schedule meant.</summary>
    public static string Annotated(DateTimeOffset time, string? timeZone)
    {
        if (timeZone is null || !TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            return TimeConverter.ToText(time);
        }
        var local = TimeZoneInfo.ConvertTime(time, zone);
        return local.Offset == TimeSpan.Zero ? TimeConverter.ToText(time) : local.ToString("yyyy-MM-dd'T'HH':'mm':'sszzz", CultureInfo.InvariantCulture);
    }
}
