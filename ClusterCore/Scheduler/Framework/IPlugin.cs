using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Queue;

namespace Flotilla.ClusterCore.Scheduler.Framework;

// The extension points, in the order of a scheduling cycle. Everything up to Permit runs on the scheduling loop, alone;
// what Permit waits for, PreBind, Bind and PostBind run beside it.

internal interface IPlugin
{
    string Name { get; }

    /// <summary>What in the cluster may make a pod schedulable that this plugin rejected.</summary>
    IEnumerable<EventRegistration> Events => [];
}

internal interface IPreEnqueuePlugin : IPlugin
{
    Status? PreEnqueue(PodInfo pod);
}

/// <summary>Which of two waiting pods is tried first. Profiles share one queue, so they share this plugin, too.</summary>
internal interface IQueueSortPlugin : IPlugin, IComparer<QueuedPod>;

internal interface IPreFilterPlugin : IPlugin
{
    PreFilterOutcome PreFilter(CycleState state, PodInfo pod, ClusterSnapshot cluster);

    /// <summary>A dry run put <paramref name="added"/> on the node: correct what PreFilter computed.</summary>
    void AddPod(CycleState state, PodInfo pod, PodInfo added, NodeInfo node) { }

    void RemovePod(CycleState state, PodInfo pod, PodInfo removed, NodeInfo node) { }
}

/// <param name="Skip">The plugin's filter need not run for this pod.</param>
/// <param name="Nodes">When not null, only these nodes can do.</param>
internal readonly record struct PreFilterOutcome(Status? Status = null, bool Skip = false, IReadOnlySet<string>? Nodes = null)
{
    public static PreFilterOutcome Success => default;

    public static PreFilterOutcome Skipped => new(Skip: true);
}

internal interface IFilterPlugin : IPlugin
{
    Status? Filter(CycleState state, PodInfo pod, NodeInfo node);
}

internal interface IPostFilterPlugin : IPlugin
{
    /// <param name="algorithm">For dry runs of the profile's filters.</param>
    PostFilterOutcome PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis, ClusterSnapshot cluster, SchedulingAlgorithm algorithm);
}

/// <param name="NominatedNode">Where the pod will fit once the victims are gone; empty: nowhere; null: what it was promised before stands.</param>
/// <param name="Fails">No other plugin is asked, and this message alone is told.</param>
internal readonly record struct PostFilterOutcome(
    string Message, string? NominatedNode = null, IReadOnlyList<PodInfo>? Victims = null, bool Fails = false);

internal interface IPreScorePlugin : IPlugin
{
    /// <returns>False: the plugin's score need not run for this pod.</returns>
    bool PreScore(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, ClusterSnapshot cluster);
}

internal interface IScorePlugin : IPlugin
{
    const long Max = 100;

    long Score(CycleState state, PodInfo pod, NodeInfo node);

    /// <summary>Brings the plugin's own scale to 0–100.</summary>
    void Normalize(CycleState state, PodInfo pod, ReadOnlySpan<NodeInfo> nodes, Span<long> scores) { }
}

internal interface IReservePlugin : IPlugin
{
    Status? Reserve(CycleState state, PodInfo pod, NodeInfo node);

    void Unreserve(CycleState state, PodInfo pod, string nodeName);
}

internal interface IPermitPlugin : IPlugin
{
    PermitOutcome Permit(CycleState state, PodInfo pod, string nodeName);
}

/// <summary>Allowed when neither is set.</summary>
/// <param name="Refusal">The pod does not go there.</param>
/// <param name="Answer">The binding waits for it, and is given up when it yields a status, or nothing within the limit.</param>
/// <param name="Limit">More than <see cref="MaxLimit"/> is that much.</param>
internal readonly record struct PermitOutcome(Status? Refusal = null, Task<Status?>? Answer = null, TimeSpan Limit = default)
{
    /// <summary>No plugin holds a node for a pod longer than this.</summary>
    public static readonly TimeSpan MaxLimit = TimeSpan.FromMinutes(15);
}

internal interface IPreBindPlugin : IPlugin
{
    /// <summary>Whether there is anything to do, which may take its time: then others are told beforehand where the pod will be.</summary>
    bool WillPreBind(CycleState state);

    Task<Status?> PreBindAsync(CycleState state, PodInfo pod, string nodeName, CancellationToken cancellationToken);
}

internal interface IBindPlugin : IPlugin
{
    /// <returns>Null when the pod is bound.</returns>
    Task<Status?> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken);
}

/// <summary>Known to configuration files; no plugin has it.</summary>
internal interface IPostBindPlugin : IPlugin;
