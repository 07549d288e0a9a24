namespace Flotilla.ClusterCore.Scheduler.Queue;

internal sealed class BackoffOrder : IComparer<QueuedPod>
{
    public static BackoffOrder Instance { get; } = new();

    public int Compare(QueuedPod? x, QueuedPod? y)
    {
        var byTime = x!.BackoffUntil.CompareTo(y!.BackoffUntil);
        return byTime != 0 ? byTime : x.Sequence.CompareTo(y.Sequence);
    }
}
