using Flotilla.ClusterCore.Scheduler.Binding;
using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Tests.Fakes;

/// <summary>Takes every write and keeps none.</summary>
internal sealed class FakeWriter : IPodWriter
{
    public Task<string?> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public Task SetUnschedulableAsync(PodInfo pod, string reason, string message, string? nominatedNode, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task PreemptAsync(PodInfo victim, PodInfo preemptor, string nodeName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task NominateAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ClearNominationAsync(PodInfo pod, CancellationToken cancellationToken) => Task.CompletedTask;

    public void RecordScheduled(PodInfo pod, string nodeName) { }

    public void RecordFailed(PodInfo pod, string message) { }
}
