using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Binding;

/// <summary>The scheduler's writes to the API.</summary>
internal interface IPodWriter
{
    /// <returns>Null when the pod is bound; else why the API refused: somebody else was faster, or the pod changed or is gone.</returns>
    Task<string?> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken);

    /// <param name="nominatedNode">Empty takes a nomination back, null leaves it.</param>
    Task SetUnschedulableAsync(PodInfo pod, string reason, string message, string? nominatedNode, CancellationToken cancellationToken);

    /// <summary>Marks a pod as disrupted for a more important one, and deletes it.</summary>
    Task PreemptAsync(PodInfo victim, PodInfo preemptor, string nodeName, CancellationToken cancellationToken);

    /// <summary>Tells where the pod will be, before it is bound there.</summary>
    Task NominateAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken);

    Task ClearNominationAsync(PodInfo pod, CancellationToken cancellationToken);

    void RecordScheduled(PodInfo pod, string nodeName);

    void RecordFailed(PodInfo pod, string message);
}
