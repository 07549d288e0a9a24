namespace Flotilla.ClusterCore.Scheduler.Queue;

/// <summary>QueueSort: the higher priority first, then the longer wait.</summary>
internal sealed class PriorityOrder : IComparer<QueuedPod>
{
    public static PriorityOrder Instance { get; } = new();

    public int Compare(QueuedPod? x, QueuedPod? y)
    {
        var byPriority = y!.Pod.Priority.CompareTo(x!.Pod.Priority);
        if (byPriority != 0) { return byPriority; }
        var byTime = x.Timestamp.CompareTo(y.Timestamp);
        return byTime != 0 ? byTime : x.Sequence.CompareTo(y.Sequence);
    }
}

internal sealed class BackoffOrder : IComparer<QueuedPod>
{
    public static BackoffOrder Instance { get; } = new();

    public int Compare(QueuedPod? x, QueuedPod? y)
    {
        var byTime = x!.BackoffUntil.CompareTo(y!.BackoffUntil);
        return byTime != 0 ? byTime : x.Sequence.CompareTo(y.Sequence);
    }
}
