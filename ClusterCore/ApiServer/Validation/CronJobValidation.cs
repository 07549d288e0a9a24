using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class CronJobValidation
{
    /// <summary>Eleven characters of a job's name are the time it was made for.</summary>
    private const int LongestName = 63 - 11;

    public static void Create(JsonObject cronJob, FieldErrors errors)
    {
        CronJob(cronJob.Spec() ?? [], null, errors);
        if (cronJob.Name().Length > LongestName) { errors.Invalid("metadata.name", cronJob.Name(), $"must be no more than {LongestName} characters"); }
    }

    public static void Update(JsonObject cronJob, JsonObject old, FieldErrors errors) => CronJob(cronJob.Spec() ?? [], old.Spec() ?? [], errors);

    private static void CronJob(JsonObject spec, JsonObject? before, FieldErrors errors)
    {
        Schedule(spec, before, errors);
        Rules.NotNegative(spec, "startingDeadlineSeconds", "spec", errors);
        if (spec.Text("timeZone") is { } zone && zone != before?.Text("timeZone")) { errors.Check("spec.timeZone", zone, TimeZones(zone)); }
        if (spec.Has("concurrencyPolicy")) { Rules.OneOf(spec, "concurrencyPolicy", "spec", errors, "Allow", "Forbid", "Replace"); }
        else { errors.Required("spec.concurrencyPolicy"); }
        var job = spec.Object("jobTemplate")?.Spec() ?? [];
        JobValidation.Spec(job, "spec.jobTemplate.spec", errors);
        if (job.Object("selector") is { } selector) { errors.Invalid("spec.jobTemplate.spec.selector", selector, "`selector` will be auto-generated"); }
        if (job.Flag("manualSelector") == true) { errors.NotSupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"]); }
        Rules.NotNegative(spec, "successfulJobsHistoryLimit", "spec", errors);
        Rules.NotNegative(spec, "failedJobsHistoryLimit", "spec", errors);
    }

    /// <summary>A schedule that names its time zone is one from before there was a field for it.</summary>
    private static void Schedule(JsonObject spec, JsonObject? before, FieldErrors errors)
    {
        if (spec.Text("schedule") is not { Length: > 0 } schedule)
        {
            errors.Required("spec.schedule");
            return;
        }

        errors.Check("spec.schedule", schedule, CronSchedule.Check(schedule));
        if (!schedule.Contains("TZ", StringComparison.Ordinal)) { return; }
        var isOld = before?.Text("schedule")?.Contains("TZ", StringComparison.Ordinal) == true;
        if (!isOld) { errors.Invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"); }
        else if (spec["timeZone"] is not null) { errors.Invalid("spec.schedule", schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"); }
    }

    private static IReadOnlyList<string> TimeZones(string zone)
    {
        if (zone.Length == 0) { return ["timeZone must be nil or non-empty string"]; }
        if (!zone.Split('/').All(IsPart)) { return [$"unknown time zone {zone}"]; }
        return
        [
            .. string.Equals(zone, "Local", StringComparison.OrdinalIgnoreCase) ? (string[])["timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"] : [],
            .. zone is "Local" or "UTC" || TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? (string[])[] : [$"unknown time zone {zone}"],
        ];
    }

    private static bool IsPart(string part) =>
        part is not ("" or "." or ".." or ['-', ..]) && part.Length <= 14 && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+');
}
