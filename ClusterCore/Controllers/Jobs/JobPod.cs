using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>A pod of a job, with the finalizer that keeps it until it is counted, and its index where it has one.</summary>
internal static class JobPod
{
    private const string IndexVariable = "JOB_COMPLETION_INDEX";

    /// <summary>What is left of a name's 63 characters beside five random ones.</summary>
    private const int LongestPrefix = 58;

    /// <param name="replaced">The failed pod of the index whose place it takes.</param>
    public static JsonObject Create(Job job, int? index, Pod? replaced = null)
    {
        var pod = PodTemplates.Pod(job.Spec.Template, job);
        var metadata = (JsonObject)pod["metadata"]!;
        metadata["finalizers"] = new JsonArray(JobPods.Finalizer);
        var labels = (JsonObject)metadata["labels"]!;
        // The API server writes these into the template; a job made without it has them all the same.
        foreach (var (name, value) in JobSelection.Labels(job))
        {
            labels[name] ??= value;
        }
        if (index is { } number)
        {
            var text = number.ToString(CultureInfo.InvariantCulture);
            labels[JobPods.IndexAnnotation] = text;
            var annotations = (JsonObject)metadata["annotations"]!;
            annotations[JobPods.IndexAnnotation] = text;
            if (job.Spec.BackoffLimitPerIndex is not null)
            {
                AddFailures(job, replaced, annotations);
            }
            metadata["generateName"] = GenerateName(job.Metadata.Name, $"-{text}-");
            Index((JsonObject)pod["spec"]!, $"{job.Metadata.Name}-{text}");
        }
        return pod;
    }

    private static void AddFailures(Job job, Pod? replaced, JsonObject annotations)
    {
        var (failures, ignored) = replaced is null ? (0, 0) : (JobPods.FailuresBefore(replaced), JobPods.IgnoredBefore(replaced));
        if (replaced is not null)
        {
            var isIgnored = PodFailureRules.ActionFor(job, replaced) == PodFailureRules.Ignore;
            (failures, ignored) = isIgnored ? (failures, ignored + 1) : (failures + 1, ignored);
        }
        annotations[JobPods.IndexFailures] = failures.ToString(CultureInfo.InvariantCulture);
        if (ignored > 0)
        {
            annotations[JobPods.IgnoredFailures] = ignored.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The index must survive where the server cuts long names off.</summary>
    private static string GenerateName(string job, string suffix) =>
        job.Length + suffix.Length > LongestPrefix ? job[..(LongestPrefix - suffix.Length)] + suffix : job + suffix;

    private static void Index(JsonObject spec, string hostname)
    {
        // Whatever the template says: two pods of one name would be one to DNS.
        spec["hostname"] = hostname;
        foreach (var container in Containers(spec, "containers").Concat(Containers(spec, "initContainers")))
        {
            if (container["env"] is not JsonArray env)
            {
                container["env"] = env = [];
            }
            if (!env.Any(variable => (string?)variable?["name"] == IndexVariable))
            {
                env.Add((JsonNode)new JsonObject
                {
                    ["name"] = IndexVariable,
                    ["valueFrom"] = new JsonObject
                    {
                        ["fieldRef"] = new JsonObject
                        {
                            ["apiVersion"] = "v1",
                            ["fieldPath"] = $"metadata.labels['{JobPods.IndexAnnotation}']",
                        },
                    },
                });
            }
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec, string list) => (spec[list] as JsonArray ?? []).OfType<JsonObject>();
}
