using System.Collections.Concurrent;
using Flotilla.ClusterCore.Scheduler.Binding;
using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Tests.Fakes;

/// <summary>Notes every write in a line.</summary>
internal sealed class FakeWriter : IPodWriter
{
    private readonly ConcurrentQueue<string> notes = [];

    public string[] Notes => [.. notes];

    /// <summary>What the API says to bindings; null takes them.</summary>
    public string? Refusal { get; set; }

    public Task<string?> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken)
    {
        if (Refusal is null) { notes.Enqueue($"{pod.Name} is bound to {nodeName}"); }
        return Task.FromResult(Refusal);
    }

    public Task SetUnschedulableAsync(PodInfo pod, string reason, string message, string? nominatedNode, CancellationToken cancellationToken) =>
        Note($"{pod.Name} is {reason}: {message}{(nominatedNode is "" && pod.NominatedNodeName.Length > 0 ? $" {pod.NominatedNodeName} is taken back" : "")}");

    public Task PreemptAsync(PodInfo victim, PodInfo preemptor, string nodeName, CancellationToken cancellationToken) => Note($"{victim.Name} goes for {preemptor.Name}");

    public Task NominateAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken) => Note($"{pod.Name} will be on {nodeName}");

    public Task ClearNominationAsync(PodInfo pod, CancellationToken cancellationToken) => Note($"{pod.Name} is promised nothing any more");

    public void RecordScheduled(PodInfo pod, string nodeName) { }

    public void RecordFailed(PodInfo pod, string message) { }

    private Task Note(string note)
    {
        notes.Enqueue(note);
        return Task.CompletedTask;
    }
}
