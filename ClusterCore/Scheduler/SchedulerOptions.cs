using System.ComponentModel.DataAnnotations;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>What an operator can set. The defaults are kube-scheduler's.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Unique among the schedulers that contend for the lease.</summary>
    public string Identity { get; init; } = $"{Environment.MachineName}_{Guid.NewGuid()}";

    /// <summary>Off where only one can run: one control-plane member needs no lease to renew.</summary>
    public bool LeaderElection { get; init; } = true;

    public string LeaseName { get; init; } = "kube-scheduler";

    public string LeaseNamespace { get; init; } = "kube-system";

    /// <summary>0 picks a share by the number of nodes.</summary>
    [Range(0, 100)]
    public int PercentageOfNodesToScore { get; init; }

    /// <summary>Bindings and other writes in flight at one time.</summary>
    [Range(1, 1000)]
    public int Parallelism { get; init; } = 64;

    public TimeSpan PodInitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan PodMaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    public IReadOnlyList<SchedulerProfile> Profiles { get; init; } = [new()];
}

/// <summary>One scheduler name and how it differs from the default plugins.</summary>
public sealed record SchedulerProfile
{
    public string SchedulerName { get; init; } = "default-scheduler";

    public IReadOnlySet<string> DisabledPlugins { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Score weights by plugin name, in place of the defaults.</summary>
    public IReadOnlyDictionary<string, int> Weights { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary><c>LeastAllocated</c>, <c>MostAllocated</c> or <c>RequestedToCapacityRatio</c>.</summary>
    public string ScoringStrategy { get; init; } = "LeastAllocated";

    /// <summary>Weights of the resources the strategy looks at; empty: CPU and memory alike.</summary>
    public IReadOnlyDictionary<string, int> ScoredResources { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>For RequestedToCapacityRatio: (utilization in percent, score 0–10), ascending.</summary>
    public IReadOnlyList<(long Utilization, long Score)> Shape { get; init; } = [(0, 0), (100, 10)];
}
