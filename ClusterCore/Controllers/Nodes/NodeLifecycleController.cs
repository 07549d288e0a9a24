using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>Notices nodes that fall silent, says so, and taints them; heartbeats are the renewals of their leases.</summary>
internal sealed class NodeLifecycleController : ReconcilingController
{
    private const string LeaseNamespace = "kube-node-lease";
    private readonly Informer<Node> nodes;
    private readonly Informer<Pod> pods;
    private readonly NodeHealth health;
    private readonly EventRecorder recorder;
    private readonly Dictionary<string, (double Rate, RateLimit Limit)> limits = new(StringComparer.Ordinal);
    private readonly Lock limitsGate = new();
    private volatile bool isMasterDisruption;

    public NodeLifecycleController(ControllerContext context) : base("node-controller", context)
    {
        health = new(context.Clock);
        recorder = context.Recorder(Name);
        pods = context.Informers.Pods();
        nodes = context.Informers.Get(Kinds.Nodes);
        nodes.AddHandler(See);
        context.Informers.Get(Kinds.Leases, new() { Namespace = LeaseNamespace }).AddHandler(SeeLease);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (nodes.Find(key) is not { Metadata.DeletionTimestamp: null } node)
        {
            return ReconcileResult.Done;
        }
        var now = Clock.GetUtcNow();
        var plan = NodeLifecyclePlan.Compute(node, health.Silence(key.Name), Context.Options, now);
        if (plan.ConditionsChanged)
        {
            // The node comes here again as it was written, and is tainted then.
            await WriteConditionsAsync(node, plan, cancellationToken);
            return ReconcileResult.Done;
        }
        var waitsForEviction = await TaintAsync(node, plan.Conditions, now, cancellationToken);
        return new(waitsForEviction is { } wait && (plan.RequeueAfter is null || wait < plan.RequeueAfter) ? wait : plan.RequeueAfter);
    }

    private async Task WriteConditionsAsync(Node node, NodeLifecyclePlan plan, CancellationToken cancellationToken)
    {
        var tree = (JsonObject)JsonSerializer.SerializeToNode(new NodeStatus { Conditions = plan.Conditions }, ObjectJson.Default.NodeStatus)!;
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["status"] = new JsonObject { ["conditions"] = tree["conditions"]!.DeepClone() },
        };
        var patched = await Client.PatchStatusAsync(Kinds.Nodes, null, node.Metadata.Name, Patch.Strategic(body), cancellationToken);
        patched.OrThrow();
        if (plan.WentSilent)
        {
            recorder.Record(node, EventType.Normal, "NodeNotReady", $"Node {node.Metadata.Name} status is now: NodeNotReady");
            foreach (var pod in pods.OnNode(node.Metadata.Name).Where(pod => pod.IsReady()))
            {
                await MarkNotReadyAsync(pod, cancellationToken);
            }
        }
    }

    /// <summary>A pod on a silent node must get no traffic, even if it still runs.</summary>
    private async Task MarkNotReadyAsync(Pod pod, CancellationToken cancellationToken)
    {
        var condition = new JsonObject
        {
            ["type"] = "Ready",
            ["status"] = "False",
            ["lastTransitionTime"] = TimeConverter.ToText(Clock.GetUtcNow()),
        };
        var body = new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } };
        await Client.PatchStatusAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, Patch.Strategic(body), cancellationToken);
        recorder.Record(pod, EventType.Warning, "NodeNotReady", "Node is not ready");
    }

    /// <returns>How long until the node may be evicted, where the zone's rate does not allow it yet.</returns>
    private async Task<TimeSpan?> TaintAsync(Node node, NodeCondition[] conditions, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (eviction, wait) = EvictionOf(node, conditions);
        if (NodeTaints.Compute(node, conditions, eviction, now) is { } taints)
        {
            var list = taints.Select(taint => JsonSerializer.SerializeToNode(taint, ObjectJson.Default.Taint)).ToArray();
            var body = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
                ["spec"] = new JsonObject { ["taints"] = list.Length == 0 ? null : new JsonArray(list) },
            };
            // A newer node is on its way through the informer and comes here again.
            var patched = await Client.PatchAsync(Kinds.Nodes, null, node.Metadata.Name, Patch.Merge(body), cancellationToken);
            return patched.IsConflict ? TimeSpan.FromSeconds(1) : wait;
        }
        return wait;
    }

    private (EvictionTaint Taint, TimeSpan? Wait) EvictionOf(Node node, NodeCondition[] conditions)
    {
        var key = NodeTaints.EvictionKey(conditions);
        if (key is null && !isMasterDisruption)
        {
            return (EvictionTaint.Keep, null);
        }
        var zones = ZonePlan.Compute(
            nodes.List(), Context.Options, other => health.Silence(other.Metadata.Name) >= Context.Options.NodeMonitorGracePeriod);
        NoteMasterDisruption(zones.IsMasterDisruption);
        if (zones.IsMasterDisruption)
        {
            return (EvictionTaint.Remove, null);
        }
        if (key is null || NodeTaints.Find(node.Spec.Taints ?? [], key, NodeTaints.NoExecute) is not null)
        {
            return (EvictionTaint.Keep, null);
        }
        if (NodeTaints.IsEvicting(node))
        {
            // From not ready to silent or back: it was asked for once, and its pods' time must not stop.
            return (EvictionTaint.Add, null);
        }
        var wait = AskToEvict(ZonePlan.ZoneOf(node), zones);
        return (wait is null ? EvictionTaint.Add : EvictionTaint.Keep, wait);
    }

    /// <summary>Concerns every node: when it begins they lose what evicts their pods, when it ends they get a new grace period.</summary>
    private void NoteMasterDisruption(bool isNow)
    {
        if (isMasterDisruption == isNow)
        {
            return;
        }
        isMasterDisruption = isNow;
        if (!isNow)
        {
            health.Forgive();
        }
        foreach (var node in nodes.List())
        {
            Queue.Add(node.Key);
        }
    }

    private TimeSpan? AskToEvict(string zone, ZonePlan zones)
    {
        var rate = zones.EvictionsPerSecond.GetValueOrDefault(zone);
        if (rate <= 0)
        {
            return TimeSpan.FromSeconds(5);
        }
        lock (limitsGate)
        {
            if (!limits.TryGetValue(zone, out var known) || !known.Rate.Equals(rate))
            {
                limits[zone] = known = (rate, new RateLimit(rate, 1, Clock));
            }
            return known.Limit.TryTake() ? null : TimeSpan.FromSeconds(1);
        }
    }

    private void See(InformerChange<Node> change)
    {
        if (change.New is not { } node)
        {
            health.Forget(change.Key.Name);
            Say(change.Object, "RemovingNode", $"Removing Node {change.Key.Name} from Controller");
            return;
        }
        if (change.IsAdded)
        {
            Say(node, "RegisteredNode", $"Registered Node {change.Key.Name} in Controller");
        }
        health.SeeNode(node);
        Queue.Add(change.Key);
    }

    private void Say(Node node, string reason, string what) =>
        recorder.Record(node, EventType.Normal, reason, $"Node {node.Metadata.Name} event: {what}");

    private void SeeLease(InformerChange<Lease> change)
    {
        if (change.New is { } lease && change.Key.Namespace == LeaseNamespace)
        {
            health.SeeLease(change.Key.Name, lease);
        }
    }
}
