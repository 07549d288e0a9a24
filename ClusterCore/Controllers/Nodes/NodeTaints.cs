using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>What becomes of the taint that evicts the pods of a node that is not ready.</summary>
internal enum EvictionTaint
{
    /// <summary>Stays if it is there.</summary>
    Keep,
    Add,
    Remove,
}

/// <summary>The taints a node's conditions ask for.</summary>
internal static class NodeTaints
{
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string NoSchedule = "NoSchedule";
    public const string NoExecute = "NoExecute";
    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    private static readonly (string Condition, string Status, string Key)[] ByCondition =
    [
        ("Ready", "False", NotReady),
        ("Ready", "Unknown", Unreachable),
        ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ];

    private static readonly HashSet<string> Managed = [.. ByCondition.Select(rule => rule.Key), Unschedulable];

    public static NodeCondition? Condition(this Node node, string type) =>
        Array.Find(node.Status.Conditions ?? [], condition => condition.Type == type);

    public static bool IsReady(this Node node) => node.Condition("Ready") is { Status: "True" };

    /// <summary>The node's taints as they should be; those that others set are kept. Null where nothing changes.</summary>
    /// <param name="conditions">As they are now, which may be newer than the node's.</param>
    public static Taint[]? Compute(Node node, NodeCondition[] conditions, EvictionTaint eviction, DateTimeOffset now)
    {
        var present = node.Spec.Taints ?? [];
        var wanted = present.Where(taint => !IsManaged(taint)).ToList();
        foreach (var rule in ByCondition)
        {
            if (Array.Exists(conditions, condition => condition.Type == rule.Condition && condition.Status == rule.Status))
            {
                wanted.Add(Kept(present, rule.Key, NoSchedule, now));
            }
        }
        if (node.Spec.Unschedulable)
        {
            wanted.Add(Kept(present, Unschedulable, NoSchedule, now));
        }
        if (EvictionKey(conditions) is { } key
            && (eviction == EvictionTaint.Add || (eviction == EvictionTaint.Keep && Find(present, key, NoExecute) is not null)))
        {
            wanted.Add(Kept(present, key, NoExecute, now));
        }
        return present.Length == wanted.Count && wanted.All(taint => present.Any(known => Same(known, taint))) ? null : [.. wanted];
    }

    /// <summary>Which evicting taint the node's readiness asks for.</summary>
    public static string? EvictionKey(NodeCondition[] conditions) =>
        Array.Find(conditions, condition => condition.Type == "Ready")?.Status switch
        {
            "False" => NotReady,
            "Unknown" => Unreachable,
            _ => null,
        };

    public static Taint? Find(Taint[] taints, string key, string effect) =>
        Array.Find(taints, taint => taint.Key == key && taint.Effect == effect);

    public static bool IsEvicting(Node node) => Array.Exists(node.Spec.Taints ?? [], taint => taint is { Effect: NoExecute, Key: NotReady or Unreachable });

    private static bool IsManaged(Taint taint) =>
        taint.Effect == NoSchedule ? Managed.Contains(taint.Key)
        : taint is { Effect: NoExecute, Key: NotReady or Unreachable };

    private static Taint Kept(Taint[] present, string key, string effect, DateTimeOffset added) =>
        Find(present, key, effect) ?? new() { Key = key, Effect = effect, TimeAdded = added };

    private static bool Same(Taint left, Taint right) => left.Key == right.Key && left.Effect == right.Effect && left.Value == right.Value;
}
