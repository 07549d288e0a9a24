using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What of a job may change once it is there.</summary>
internal static class JobUpdateValidation
{
    private static readonly string[] fixedFields = ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"];

    public static void Unchanged(JsonObject job, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (job.Spec() ?? [], old.Spec() ?? []);
        Completions(spec, before, errors);
        Rules.Unchanged(spec, before, "selector", "spec", errors);
        if (!HasNoPods(old)) { Rules.Unchanged(spec, before, "template", "spec", errors); }
        else if (Fixed(spec, before) is { } pod && !JsonNode.DeepEquals(pod, before.Object("template")?.Spec()))
        {
            errors.Invalid("spec.template.spec", spec.Object("template")?.Spec(), Rules.Immutable);
        }

        foreach (var field in fixedFields) { Rules.Unchanged(spec, before, field, "spec", errors); }
    }

    /// <summary>An indexed job may grow and shrink when both numbers stay the same.</summary>
    private static void Completions(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (spec.Text("completionMode") != "Indexed") { Rules.Unchanged(spec, before, "completions", "spec", errors); }
        else if (spec.Number("completions") is { } completions && completions != before.Number("completions") && completions != spec.Number("parallelism"))
        {
            errors.Invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism");
        }
    }

    /// <summary>A suspended job that runs nothing: where its pods run, and with what, can still be said.</summary>
    private static bool HasNoPods(JsonObject job)
    {
        var status = job.Object("status") ?? [];
        var isSuspended = status.Items("conditions").Any(static condition => condition.Text("type") == "Suspended" && condition.Text("status") == "True");
        return job.Spec()?.Flag("suspend") == true && (status["startTime"] is null || isSuspended) && status.Number("active") is null or 0;
    }

    /// <summary>The new pod with everything of the old one that may change: what differs still may not.</summary>
    private static JsonObject? Fixed(JsonObject spec, JsonObject before)
    {
        var (pod, was) = ((JsonObject?)spec.Object("template")?.Spec()?.DeepClone(), before.Object("template")?.Spec() ?? []);
        if (pod is null) { return null; }
        foreach (var field in (ReadOnlySpan<string>)["nodeSelector", "tolerations", "schedulingGates"]) { Restore(pod, was, field); }
        Affinity(pod, was);
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            if (pod.List(list)?.Count != was.List(list)?.Count) { continue; }
            foreach (var (container, old) in pod.Items(list).Zip(was.Items(list)))
            {
                if (container.Text("name") == old.Text("name")) { Restore(container, old, "resources"); }
            }
        }

        return pod;
    }

    private static void Affinity(JsonObject pod, JsonObject was)
    {
        var (affinity, before) = (pod.Object("affinity") ?? [], was.Object("affinity") ?? []);
        Restore(affinity, before, "nodeAffinity");
        pod.Remove("affinity");
        if (affinity.Count > 0) { pod["affinity"] = affinity.DeepClone(); }
    }

    private static void Restore(JsonObject obj, JsonObject before, string field)
    {
        obj.Remove(field);
        if (before[field] is { } was) { obj[field] = was.DeepClone(); }
    }
}
