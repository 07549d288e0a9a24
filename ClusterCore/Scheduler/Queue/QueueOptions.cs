namespace Flotilla.ClusterCore.Scheduler.Queue;

internal sealed record QueueOptions
{
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>However quiet the cluster, an unschedulable pod is tried again after this long.</summary>
    public TimeSpan MaxUnschedulable { get; init; } = TimeSpan.FromMinutes(5);
}
