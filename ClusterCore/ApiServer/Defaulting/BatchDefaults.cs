using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class BatchDefaults
{
    public static void Job(JsonObject job)
    {
        var spec = job.Ensure("spec");
        PodDefaults.Template(spec.Object("template"));
        FailurePolicyRules(spec);
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1L;
        }

        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue);
        // Without a selector it is new: then the labels that its pods are told by are still to come.
        if (spec["selector"] is not null && spec.Object("template")?.Metadata()?.Object("labels") is { } labels)
        {
            WorkloadDefaults.DefaultLabels(job, labels);
        }

        spec.DefaultMissing("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.DefaultMissing("podReplacementPolicy", spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed");
        spec.Default("manualSelector", false);
    }

    /// <summary>Of the job inside only the pod is defaulted: the rest happens when the job is made.</summary>
    public static void CronJob(JsonObject cronJob)
    {
        var spec = cronJob.Ensure("spec");
        spec.Default("concurrencyPolicy", "Allow");
        spec.Default("suspend", false);
        spec.Default("successfulJobsHistoryLimit", 3);
        spec.Default("failedJobsHistoryLimit", 1);
        if (spec.Object("jobTemplate")?.Object("spec") is { } job)
        {
            PodDefaults.Template(job.Object("template"));
            FailurePolicyRules(job);
        }
    }

    private static void FailurePolicyRules(JsonObject job)
    {
        foreach (var pattern in job.Object("podFailurePolicy")?.Items("rules").SelectMany(static rule => rule.Items("onPodConditions")) ?? [])
        {
            pattern.Default("status", "True");
        }
    }
}
