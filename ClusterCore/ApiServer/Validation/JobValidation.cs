using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Jobs; see also <see cref="CronJobValidation"/> and <see cref="JobPolicyValidation"/>.</summary>
internal static class JobValidation
{
    private const string ControllerUid = "batch.kubernetes.io/controller-uid";
    private const string JobName = "batch.kubernetes.io/job-name";

    /// <summary>So many indexes, failed ones or pods at a time an indexed job has at most; beyond it the job must say more.</summary>
    private const long Many = 100_000;
    private const long ManyAtATime = 10_000;

    private static readonly string[] counts =
        ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"];

    public static void Create(JsonObject job, FieldErrors errors) => Job(job, hasPrefixedLabels: true, errors);

    /// <summary>Upstream looks at the spec twice: as at a job's, and as at a change.</summary>
    public static void Update(JsonObject job, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (job.Spec() ?? [], old.Spec() ?? []);
        var labels = before.Object("template")?.Metadata()?.Object("labels") ?? [];
        Job(job, labels.ContainsKey(ControllerUid) && labels.ContainsKey(JobName), errors);
        Selected(spec, errors);
        JobUpdateValidation.Unchanged(job, old, errors);
    }

    /// <summary>What jobs and templates of jobs have in common.</summary>
    public static void Spec(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var field in counts) { Rules.NotNegative(spec, field, path, errors); }
        if (spec["maxFailedIndexes"] is not null && spec["backoffLimitPerIndex"] is null) { errors.Required($"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified"); }
        if (spec.Text("managedBy") is { } manager)
        {
            ClusterValidation.DomainPrefixedPath(manager, $"{path}.managedBy", errors);
            if (manager.Length > 63) { errors.Add(FieldError.TooLong($"{path}.managedBy", 63)); }
        }

        Rules.OneOf(spec, "completionMode", path, errors, "NonIndexed", "Indexed");
        if (spec.Text("completionMode") == "Indexed") { Indexed(spec, path, errors); }
        else if (spec.Text("completionMode") is null or "NonIndexed") { NotIndexed(spec, path, errors); }
        JobPolicyValidation.Failure(spec, path, errors);
        JobPolicyValidation.Success(spec, path, errors);
        if (spec["podFailurePolicy"] is null) { Rules.OneOf(spec, "podReplacementPolicy", path, errors, "Failed", "TerminatingOrFailed"); }
        else { Rules.OneOf(spec, "podReplacementPolicy", path, errors, "Failed"); }
        PodValidation.Template(spec.Object("template") ?? [], $"{path}.template", errors);
        RestartPolicy(spec, path, errors);
    }

    private static void Job(JsonObject job, bool hasPrefixedLabels, FieldErrors errors)
    {
        var spec = job.Spec() ?? [];
        GeneratedSelector(job, spec, hasPrefixedLabels, errors);
        Selected(spec, errors);
        if (spec.Text("completionMode") != "Indexed" || spec.Number("completions") is not { } completions || completions <= 0) { return; }
        var host = $"{job.Name()}-{completions - 1}";
        if (ObjectNames.Dns1123Label(host).Count > 0) { errors.Invalid("metadata.name", job.Name(), $"will not able to create pod with invalid DNS label: {host}"); }
    }

    private static void Selected(JsonObject spec, FieldErrors errors)
    {
        Spec(spec, "spec", errors);
        var labels = spec.Object("template")?.Metadata()?.Object("labels");
        if (spec.Object("selector") is not { } selector)
        {
            errors.Required("spec.selector");
            errors.Invalid("spec.template.metadata.labels", labels, WorkloadValidation.NotSelected);
            return;
        }

        var before = errors.List.Count;
        SelectorValidation.LabelSelector(selector, "spec.selector", errors);
        if (errors.List.Count == before && LabelSelector.FromObject(selector)?.Matches(labels) == false)
        {
            errors.Invalid("spec.template.metadata.labels", labels, WorkloadValidation.NotSelected);
        }
    }

    /// <summary>The pods of a job are told apart by its uid, unless it says that it has a selector of its own.</summary>
    private static void GeneratedSelector(JsonObject job, JsonObject spec, bool hasPrefixedLabels, FieldErrors errors)
    {
        if (spec.Flag("manualSelector") == true || spec.Object("selector") is not { } selector) { return; }
        var uid = job.Metadata()?.Text("uid") ?? "";
        if (uid.Length == 0) { errors.Required("metadata.uid"); }
        var labels = spec.Object("template")?.Metadata()?.Object("labels");
        JsonObject expected = new() { ["controller-uid"] = uid, ["job-name"] = job.Name() };
        if (hasPrefixedLabels) { (expected[ControllerUid], expected[JobName]) = (uid, job.Name()); }
        foreach (var (label, value) in expected)
        {
            var (path, wrong) = ($"spec.template.metadata.labels[{label}]", $"must be '{value}'");
            if (labels?.ContainsKey(label) != true) { errors.Required(path, wrong); }
            else if (labels.Text(label) != value!.GetValue<string>()) { errors.Invalid(path, labels, wrong); }
        }

        var wrongs = new FieldErrors();
        SelectorValidation.LabelSelector(selector, "spec.selector", wrongs);
        if (!wrongs.Any && LabelSelector.FromObject(selector)?.Matches(expected) == false) { errors.Invalid("spec.selector", selector, "`selector` not auto-generated"); }
    }

    private static void Indexed(JsonObject spec, string path, FieldErrors errors)
    {
        var (completions, parallelism, failed) = (spec.Number("completions"), spec.Number("parallelism"), spec.Number("maxFailedIndexes"));
        if (completions is null) { errors.Required($"{path}.completions", "when completion mode is Indexed"); }
        if (parallelism > Many) { errors.Invalid($"{path}.parallelism", parallelism, $"must be less than or equal to {Many} when completion mode is Indexed"); }
        if (failed > completions) { errors.Invalid($"{path}.maxFailedIndexes", failed, "must be less than or equal to completions"); }
        if (failed > Many) { errors.Invalid($"{path}.maxFailedIndexes", failed, $"must be less than or equal to {Many}"); }
        if (completions is not > Many || spec["backoffLimitPerIndex"] is null) { return; }
        var most = $"must be less than or equal to {ManyAtATime} when completions are above {Many} and used with backoff limit per index";
        if (failed is null) { errors.Required($"{path}.maxFailedIndexes", $"must be specified when completions is above {Many}"); }
        if (parallelism > ManyAtATime) { errors.Invalid($"{path}.parallelism", parallelism, most); }
        if (failed > ManyAtATime) { errors.Invalid($"{path}.maxFailedIndexes", failed, most); }
    }

    private static void NotIndexed(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["backoffLimitPerIndex", "maxFailedIndexes"])
        {
            if (spec[field] is not null) { errors.Invalid($"{path}.{field}", spec.Number(field), "requires indexed completion mode"); }
        }
    }

    private static void RestartPolicy(JsonObject spec, string path, FieldErrors errors)
    {
        var policy = spec.Object("template")?.Spec()?.Text("restartPolicy") ?? "";
        var at = $"{path}.template.spec.restartPolicy";
        if (policy is "" or "Always") { errors.Required(at, "valid values: \"OnFailure\", \"Never\""); }
        else if (policy is not ("OnFailure" or "Never")) { errors.NotSupported(at, policy, ["OnFailure", "Never"]); }
        else if (spec["podFailurePolicy"] is not null && policy != "Never") { errors.Invalid(at, policy, "only \"Never\" is supported when podFailurePolicy is specified"); }
    }
}
