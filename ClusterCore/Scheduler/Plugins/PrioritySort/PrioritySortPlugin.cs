using Flotilla.ClusterCore.Scheduler.Framework;
using Flotilla.ClusterCore.Scheduler.Queue;

namespace Flotilla.ClusterCore.Scheduler.Plugins.PrioritySort;

/// <summary>The higher priority first, then the longer wait.</summary>
internal sealed class PrioritySortPlugin : IQueueSortPlugin
{
    public string Name => "PrioritySort";

    public int Compare(QueuedPod? x, QueuedPod? y)
    {
        var byPriority = y!.Pod.Priority.CompareTo(x!.Pod.Priority);
        if (byPriority != 0) { return byPriority; }
        var byTime = x.Timestamp.CompareTo(y.Timestamp);
        return byTime != 0 ? byTime : x.Sequence.CompareTo(y.Sequence);
    }
}
