using System.ComponentModel.DataAnnotations;
using Flotilla.ClusterCore.Scheduler.Configuration;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>How this process takes part; how it schedules is its <see cref="Configuration"/>.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Unique among the schedulers that contend for the lease.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Guid.NewGuid()}";

    /// <summary>Off where only one can run: one control-plane member needs no lease to renew.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>Bindings and other writes in flight at one time.</summary>
    [Range(1, 1000)]
    public int WritesInFlight { get; init; } = 64;

    /// <summary>How long the scheduler waits to be allowed to read what it can do without: all but nodes and pods.</summary>
    public TimeSpan DoWithoutAfter { get; init; } = TimeSpan.FromSeconds(5);

    public KubeSchedulerConfiguration Configuration { get; init; } = new();
}
