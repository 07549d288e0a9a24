using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class BatchValidation
{
    /// <summary>Eleven characters of a job's name are the time it was made for.</summary>
    private const int LongestCronJobName = 63 - 11;

    public static void Job(JsonObject job, FieldErrors errors)
    {
        var spec = job.Spec() ?? [];
        if (spec.Object("selector") is not { } selector)
        {
            errors.Required("spec.selector");
        }
        else
        {
            SelectorValidation.LabelSelector(selector, "spec.selector", errors);
            var labels = spec.Object("template")?.Metadata()?.Object("labels");
            if (LabelSelector.FromObject(selector)?.Matches(labels) == false)
            {
                errors.Invalid("spec.template.metadata.labels", labels ?? [], "`selector` does not match template `labels`");
            }
        }

        JobSpec(spec, "spec", errors);
    }

    public static void JobUpdate(JsonObject job, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (job.Spec(), old.Spec());
        foreach (var field in (ReadOnlySpan<string>)["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            Rules.Unchanged(spec, before, field, "spec", errors);
        }

        Completions(spec ?? [], before ?? [], errors);
        if (!JsonNode.DeepEquals(Fixed(spec, before), before?["template"]))
        {
            errors.Invalid("spec.template", spec?["template"], Rules.Immutable);
        }
    }

    public static void CronJob(JsonObject cronJob, FieldErrors errors)
    {
        var spec = cronJob.Spec() ?? [];
        if (cronJob.Name().Length > LongestCronJobName)
        {
            errors.Invalid("metadata.name", cronJob.Name(), $"must be no more than {LongestCronJobName} characters");
        }

        Schedule(spec, errors);
        Rules.NotNegative(spec, "startingDeadlineSeconds", "spec", errors);
        Rules.RequiredOneOf(spec, "concurrencyPolicy", "spec", errors, "Allow", "Forbid", "Replace");
        Rules.NotNegative(spec, "successfulJobsHistoryLimit", "spec", errors);
        Rules.NotNegative(spec, "failedJobsHistoryLimit", "spec", errors);
        var job = spec.Object("jobTemplate")?.Spec() ?? [];
        if (job.Object("selector") is { } selector)
        {
            errors.Invalid("spec.jobTemplate.spec.selector", selector, "`selector` will be auto-generated");
        }

        if (job.Flag("manualSelector") == true)
        {
            errors.NotSupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"]);
        }

        JobSpec(job, "spec.jobTemplate.spec", errors);
    }

    private static void JobSpec(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"])
        {
            Rules.NotNegative(spec, field, path, errors);
        }

        Rules.OneOf(spec, "completionMode", path, errors, "NonIndexed", "Indexed");
        if (spec.Text("completionMode") == "Indexed")
        {
            Indexed(spec, path, errors);
        }
        else if (spec["backoffLimitPerIndex"] is not null)
        {
            errors.Invalid($"{path}.backoffLimitPerIndex", spec.Number("backoffLimitPerIndex"), "requires indexed completion mode");
        }

        Rules.OneOf(spec, "podReplacementPolicy", path, errors, "Failed", "TerminatingOrFailed");
        if (spec.Object("template") is not { } template)
        {
            errors.Required($"{path}.template");
            return;
        }

        PodValidation.Template(template, $"{path}.template", errors);
        RestartPolicy(spec, template, path, errors);
    }

    private static void Indexed(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec["completions"] is null)
        {
            errors.Required($"{path}.completions", "when completion mode is Indexed");
        }

        if (spec.Number("parallelism") is > 100_000 and var parallelism)
        {
            errors.Invalid($"{path}.parallelism", parallelism, "must be less than or equal to 100000 when completion mode is Indexed");
        }
    }

    private static void RestartPolicy(JsonObject spec, JsonObject template, string path, FieldErrors errors)
    {
        var policy = template.Spec()?.Text("restartPolicy") ?? "";
        var at = $"{path}.template.spec.restartPolicy";
        if (policy is "" or "Always")
        {
            errors.Required(at, "valid values: \"OnFailure\", \"Never\"");
        }
        else if (policy is not ("OnFailure" or "Never"))
        {
            errors.NotSupported(at, policy, ["OnFailure", "Never"]);
        }
        else if (spec["podFailurePolicy"] is not null && policy != "Never")
        {
            errors.Invalid(at, policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }

    private static void Schedule(JsonObject spec, FieldErrors errors)
    {
        if (spec.Text("schedule") is not { Length: > 0 } schedule)
        {
            errors.Required("spec.schedule");
            return;
        }

        errors.Check("spec.schedule", schedule, CronSchedule.Check(schedule));
        if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            errors.Invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }

        if (spec.Text("timeZone") is { } zone)
        {
            errors.Check("spec.timeZone", zone, TimeZoneRule(zone));
        }
    }

    private static string? TimeZoneRule(string zone) => zone switch
    {
        "" => "timeZone must be nil or non-empty string",
        _ when string.Equals(zone, "Local", StringComparison.OrdinalIgnoreCase) => "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        _ => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) ? null : $"unknown time zone {zone}",
    };

    /// <summary>An indexed job may grow and shrink when both numbers stay the same.</summary>
    private static void Completions(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        var isElastic = spec.Text("completionMode") == "Indexed" && spec.Number("completions") == spec.Number("parallelism");
        if (!isElastic)
        {
            Rules.Unchanged(spec, before, "completions", "spec", errors);
        }
    }

    /// <summary>The template as it may be: where a suspended job that never ran runs can still be said.</summary>
    private static JsonNode? Fixed(JsonObject? spec, JsonObject? before)
    {
        var template = (JsonObject?)spec?.Object("template")?.DeepClone();
        if (template is null || before?.Flag("suspend") != true)
        {
            return template;
        }

        var was = before.Object("template");
        foreach (var field in (ReadOnlySpan<string>)["nodeSelector", "affinity", "tolerations", "schedulingGates"])
        {
            Restore(template.Ensure("spec"), was?.Spec(), field);
        }

        Restore(template.Ensure("metadata"), was?.Metadata(), "labels");
        Restore(template.Ensure("metadata"), was?.Metadata(), "annotations");
        return template;
    }

    private static void Restore(JsonObject obj, JsonObject? before, string field)
    {
        obj.Remove(field);
        if (before?[field] is { } was)
        {
            obj[field] = was.DeepClone();
        }
    }
}
