using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>What a job says is to happen for each kind of failure: the first rule that matches decides.</summary>
internal static class PodFailureRules
{
    public const string Ignore = "Ignore";
    public const string FailIndex = "FailIndex";
    private const string FailJob = "FailJob";

    /// <returns>Null where no rule matches: the failure counts.</returns>
    public static string? ActionFor(Job job, Pod pod) => Match(job, pod)?.Rule.Action;

    public static JobVerdict? Verdict(Job job, JobPods pods)
    {
        foreach (var pod in pods.Failed)
        {
            if (Match(job, pod) is { Rule.Action: FailJob } match)
            {
                return new(false, "PodFailurePolicy", $"{match.What} matching FailJob rule at index {match.Index}");
            }
        }
        return null;
    }

    private static (PodFailurePolicyRule Rule, int Index, string What)? Match(Job job, Pod pod)
    {
        var rules = job.Spec.PodFailurePolicy?.Rules ?? [];
        for (var i = 0; i < rules.Length; i++)
        {
            if ((ExitCode(rules[i], pod) ?? Condition(rules[i], pod)) is { } what)
            {
                return (rules[i], i, what);
            }
        }
        return null;
    }

    private static string? ExitCode(PodFailurePolicyRule rule, Pod pod)
    {
        if (rule.OnExitCodes is not { } codes)
        {
            return null;
        }
        foreach (var status in (pod.Status.ContainerStatuses ?? []).Concat(pod.Status.InitContainerStatuses ?? []))
        {
            if (status.State?.Terminated is { ExitCode: not 0 } ended
                && (codes.ContainerName is null || codes.ContainerName == status.Name)
                && (codes.Values?.Contains(ended.ExitCode) == true) == (codes.Operator == "In"))
            {
                return $"Container {status.Name} for pod {pod.Key} failed with exit code {ended.ExitCode}";
            }
        }
        return null;
    }

    private static string? Condition(PodFailurePolicyRule rule, Pod pod)
    {
        foreach (var pattern in rule.OnPodConditions ?? [])
        {
            if (pod.Condition(pattern.Type) is { } condition && condition.Status == (pattern.Status ?? "True"))
            {
                return $"Pod {pod.Key} has condition {pattern.Type}";
            }
        }
        return null;
    }
}
