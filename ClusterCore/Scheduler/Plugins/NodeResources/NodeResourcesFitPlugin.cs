using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Configuration;
using Flotilla.ClusterCore.Scheduler.Framework;

namespace Flotilla.ClusterCore.Scheduler.Plugins.NodeResources;

/// <summary>Only nodes with enough left of all that the pod requests; how much is left decides the score.</summary>
internal sealed class NodeResourcesFitPlugin(NodeResourcesFitArgs args) : IFilterPlugin, IScorePlugin
{
    private readonly ScoringStrategy strategy = ScoringStrategy.Of(args.ScoringStrategy);
    // One rejection object per set of reasons: a full cluster asks for thousands.
    private readonly Dictionary<(StatusCode, string), Status> rejections = [];
    private readonly List<string> missing = [];

    public string Name => "NodeResourcesFit";

    public IEnumerable<EventRegistration> Events =>
    [
        // Who leaves always frees a place, which may be all that was missing.
        new(EventResource.AssignedPod, EventActions.Delete),
        new(EventResource.AssignedPod, EventActions.UpdatePodScaleDown, static (pod, change) =>
            change is not { OldPod: { } before, Pod: { } now } || Releases(pod.Requests, before.Requests, now.Requests)),
        new(EventResource.UnscheduledPod, EventActions.UpdatePodScaleDown),
        new(EventResource.Node, EventActions.Add | EventActions.UpdateNodeAllocatable, (pod, change) =>
            change.Node is not { } node || CouldFit(pod, node)),
    ];

    public Status? Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        if (Fits(pod.Requests, node)) { return null; }
        missing.Clear();
        CollectMissing(pod.Requests, node);
        // Asking for more than the whole node has cannot be cured by moving others away.
        return Rejection(CouldFit(pod, node) ? StatusCode.Unschedulable : StatusCode.UnschedulableAndUnresolvable);
    }

    public long Score(CycleState state, PodInfo pod, NodeInfo node) => strategy.Score(pod, node);

    private bool Fits(ResourceAmounts wanted, NodeInfo node)
    {
        var (has, used) = (node.Allocatable, node.Requested);
        return node.Pods.Count < has.Pods
            && (wanted.MilliCpu == 0 || wanted.MilliCpu <= has.MilliCpu - used.MilliCpu)
            && (wanted.Memory == 0 || wanted.Memory <= has.Memory - used.Memory)
            && (wanted.EphemeralStorage == 0 || wanted.EphemeralStorage <= has.EphemeralStorage - used.EphemeralStorage)
            && (wanted.Scalars is null || ScalarsFit(wanted.Scalars, has, used));
    }

    // Apart from Fits: a lambda there would cost an allocation for each node, extended resources or not.
    private bool ScalarsFit(Dictionary<string, long> wanted, ResourceAmounts has, ResourceAmounts used)
    {
        foreach (var (name, amount) in wanted)
        {
            if (amount > 0 && amount > has[name] - used[name] && !IsIgnored(name)) { return false; }
        }
        return true;
    }

    private void CollectMissing(ResourceAmounts wanted, NodeInfo node)
    {
        var (has, used) = (node.Allocatable, node.Requested);
        if (node.Pods.Count >= has.Pods) { missing.Add("Too many pods"); }
        Check(ResourceNames.Cpu, wanted.MilliCpu, has.MilliCpu - used.MilliCpu);
        Check(ResourceNames.Memory, wanted.Memory, has.Memory - used.Memory);
        Check(ResourceNames.EphemeralStorage, wanted.EphemeralStorage, has.EphemeralStorage - used.EphemeralStorage);
        if (wanted.Scalars is null) { return; }
        foreach (var (name, amount) in wanted.Scalars)
        {
            if (!IsIgnored(name)) { Check(name, amount, has[name] - used[name]); }
        }

        void Check(string name, long amount, long free)
        {
            if (amount > 0 && amount > free) { missing.Add($"Insufficient {name}"); }
        }
    }

    private Status Rejection(StatusCode code)
    {
        var key = (code, string.Join(',', missing));
        if (!rejections.TryGetValue(key, out var status)) { rejections[key] = status = new(code, Name, [.. missing]); }
        return status;
    }

    private bool IsIgnored(string resource)
    {
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && (args.IgnoredResources.Contains(resource) || args.IgnoredResourceGroups.Contains(resource[..slash]));
    }

    private bool CouldFit(PodInfo pod, NodeInfo node)
    {
        var (wanted, has) = (pod.Requests, node.Allocatable);
        return has.Pods > 0 && wanted.MilliCpu <= has.MilliCpu && wanted.Memory <= has.Memory && wanted.EphemeralStorage <= has.EphemeralStorage
            && (wanted.Scalars is null || wanted.Scalars.All(one => one.Value <= has[one.Key] || IsIgnored(one.Key)));
    }

    private static bool Releases(ResourceAmounts wanted, ResourceAmounts before, ResourceAmounts now) =>
        (wanted.MilliCpu > 0 && now.MilliCpu < before.MilliCpu)
        || (wanted.Memory > 0 && now.Memory < before.Memory)
        || (wanted.EphemeralStorage > 0 && now.EphemeralStorage < before.EphemeralStorage)
        || wanted.Scalars?.Keys.Any(name => now[name] < before[name]) == true;
}
