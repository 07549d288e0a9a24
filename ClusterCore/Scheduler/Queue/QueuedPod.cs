using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Queue;

internal enum QueuePlace
{
    Active,
    Backoff,
    Unschedulable,
    /// <summary>A PreEnqueue plugin holds it back.</summary>
    Gated,
    /// <summary>Handed out, a node is being found or bound.</summary>
    InFlight,
}

/// <summary>A pod that waits for a node, and what happened to it so far.</summary>
internal sealed class QueuedPod(PodInfo pod, long sequence)
{
    public PodInfo Pod { get; set; } = pod;

    /// <summary>Breaks ties: first come, first served.</summary>
    public long Sequence { get; } = sequence;

    public QueuePlace Place { get; set; }

    /// <summary>When it was last put into the queue.</summary>
    public DateTimeOffset Timestamp { get; set; }

    public DateTimeOffset BackoffUntil { get; set; }

    /// <summary>Ends the waiting of its binding: the pod is gone, or on a node already.</summary>
    public CancellationTokenSource? Waiting { get; set; }

    /// <summary>Who took its place while its binding waited.</summary>
    public PodInfo? PreemptedBy { get; set; }

    public int Attempts { get; set; }

    /// <summary>How many events the queue had been told of when the pod was handed out.</summary>
    public long EventsSeen { get; set; }

    /// <summary>It waits out an error, not the cluster's state: an idle queue does not bring it back sooner.</summary>
    public bool BackoffForError { get; set; }

    /// <summary>Plugins that rejected it in its last attempt.</summary>
    public IReadOnlySet<string> UnschedulablePlugins { get; set; } = new HashSet<string>(StringComparer.Ordinal);
}
