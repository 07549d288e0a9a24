using System.Globalization;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>A job's pods, told apart by how far they are; pods that ended are counted once each, however often they are seen.</summary>
internal sealed class JobPods
{
    public const string Finalizer = "batch.kubernetes.io/job-tracking";
    public const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";
    public const string IndexFailures = "batch.kubernetes.io/job-index-failure-count";
    public const string IgnoredFailures = "batch.kubernetes.io/job-index-ignored-failure-count";
    private readonly UncountedTerminatedPods uncounted;

    public JobPods(Job job, IReadOnlyList<Pod> pods)
    {
        All = pods;
        uncounted = job.Status.UncountedTerminatedPods ?? new();
        var onlyFailed = job.Spec.PodReplacementPolicy == "Failed" || job.Spec.PodFailurePolicy is not null;
        Active = [.. pods.Where(pod => pod.IsActive())];
        Terminating = [.. pods.Where(pod => pod.IsTerminating() && !pod.IsFinished())];
        Succeeded = [.. pods.Where(pod => pod.Status.Phase == "Succeeded")];
        // One that is going and was let go has been counted, or its job did not want it any more.
        Failed = [.. pods.Where(pod => pod.Status.Phase == "Failed" || (!onlyFailed && pod.IsTerminating() && !pod.IsFinished() && IsTracked(pod)))];
        CountsTerminatingAsActive = onlyFailed;
    }

    public IReadOnlyList<Pod> All { get; }
    public Pod[] Active { get; }
    public Pod[] Terminating { get; }
    public Pod[] Succeeded { get; }
    public Pod[] Failed { get; }

    /// <summary>A pod that is going is only replaced when it has ended.</summary>
    public bool CountsTerminatingAsActive { get; }

    /// <summary>Ended, and in no count yet.</summary>
    public IEnumerable<Pod> NewlySucceeded => Succeeded.Where(pod => IsTracked(pod) && uncounted.Succeeded?.Contains(pod.Metadata.Uid) != true);

    public IEnumerable<Pod> NewlyFailed => Failed.Where(pod => IsTracked(pod) && uncounted.Failed?.Contains(pod.Metadata.Uid) != true);

    /// <summary>In a list of the status: their finalizer may go, and when it is gone they move from the list into the count.</summary>
    public IEnumerable<Pod> Releasable => All.Where(pod => IsTracked(pod)
        && (uncounted.Succeeded?.Contains(pod.Metadata.Uid) == true || uncounted.Failed?.Contains(pod.Metadata.Uid) == true));

    /// <summary>UIDs of a list whose pods have lost the finalizer.</summary>
    public string[] Released(string[]? uids) =>
        [.. (uids ?? []).Where(uid => !All.Any(pod => pod.Metadata.Uid == uid && IsTracked(pod)))];

    public static bool IsTracked(Pod pod) => pod.Metadata.Finalizers?.Contains(Finalizer) == true;

    /// <returns>Null for a pod without an index.</returns>
    public static int? IndexOf(Pod pod) => Number(pod, IndexAnnotation);

    /// <summary>Failures of a pod's index before it that counted against the index's limit, and that a rule ignored.</summary>
    public static int FailuresBefore(Pod pod) => Number(pod, IndexFailures) ?? 0;

    public static int IgnoredBefore(Pod pod) => Number(pod, IgnoredFailures) ?? 0;

    /// <summary>The failed pod that the next one of the index takes the place of: it knows of all failures before it.</summary>
    public Pod? LastFailed(int? index) =>
        Failed.Where(pod => IndexOf(pod) == index).MaxBy(pod => (FailuresBefore(pod) + IgnoredBefore(pod), EndedAt(pod)));

    public static DateTimeOffset? EndedAt(Pod pod) =>
        (pod.Status.ContainerStatuses ?? []).Select(status => status.State?.Terminated?.FinishedAt).Max()
        ?? pod.Metadata.DeletionTimestamp ?? pod.Condition("Ready")?.LastTransitionTime ?? pod.Metadata.CreationTimestamp;

    private static int? Number(Pod pod, string annotation) =>
        int.TryParse(pod.Metadata.Annotations?.GetValueOrDefault(annotation), CultureInfo.InvariantCulture, out var number) ? number : null;
}
