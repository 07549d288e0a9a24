using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Binding;

internal enum BindOutcome
{
    Bound,
    /// <summary>Somebody else was faster, or the pod changed: try again.</summary>
    Conflict,
    /// <summary>The pod is gone.</summary>
    Gone,
}

/// <summary>The scheduler's writes to the API.</summary>
internal interface IPodWriter
{
    Task<BindOutcome> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken);

    Task SetUnschedulableAsync(PodInfo pod, string reason, string message, string? nominatedNode, CancellationToken cancellationToken);

    /// <summary>Marks a pod as disrupted for a more important one, and deletes it.</summary>
    Task PreemptAsync(PodInfo victim, PodInfo preemptor, string nodeName, CancellationToken cancellationToken);

    void RecordScheduled(PodInfo pod, string nodeName);

    void RecordFailed(PodInfo pod, string message);
}
