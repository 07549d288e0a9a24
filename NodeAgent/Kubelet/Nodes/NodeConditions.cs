using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>What is known of the node's health at one moment.</summary>
/// <param name="Pressures">Those of the three conditions of pressure that are true.</param>
/// <param name="Problems">Conditions of the problem detector, without their times.</param>
internal readonly record struct NodeHealth(string? NotReadyReason, IReadOnlyList<string> Pressures, IReadOnlyList<NodeCondition> Problems)
{
    public static NodeHealth Good { get; } = new(null, [], []);

    /// <summary>Those that are on the node, as its status tells of them.</summary>
    public ContainerImage[]? Images { get; init; }
}

/// <summary>The conditions of a node, computed. Times of transition are kept while a status stays the same.</summary>
internal static class NodeConditions
{
    private static readonly (string Type, string True, string False, string MessageTrue, string MessageFalse)[] Pressures =
    [
        ("MemoryPressure", "KubeletHasInsufficientMemory", "KubeletHasSufficientMemory", "kubelet has insufficient memory available", "kubelet has sufficient memory available"),
        ("DiskPressure", "KubeletHasDiskPressure", "KubeletHasNoDiskPressure", "kubelet has disk pressure", "kubelet has no disk pressure"),
        ("PIDPressure", "KubeletHasInsufficientPID", "KubeletHasSufficientPID", "kubelet has insufficient PID available", "kubelet has sufficient PID available"),
    ];

    public static NodeCondition[] Compute(NodeHealth health, IReadOnlyList<NodeCondition> before, DateTimeOffset now)
    {
        var pressures = Pressures.Select(each => health.Pressures.Contains(each.Type)
            ? Condition(each.Type, true, each.True, each.MessageTrue)
            : Condition(each.Type, false, each.False, each.MessageFalse));
        var ready = health.NotReadyReason is { } reason
            ? Condition("Ready", false, "KubeletNotReady", reason)
            : Condition("Ready", true, "KubeletReady", "kubelet is posting ready status");
        return [.. health.Problems.Concat(pressures).Append(ready).Select(condition => condition with
        {
            LastHeartbeatTime = now,
            LastTransitionTime = before.FirstOrDefault(known => known.Type == condition.Type) is { } known && known.Status == condition.Status ? known.LastTransitionTime : now,
        })];
    }

    /// <summary>The event that tells of a condition's change, by the words that kubectl's users know; null for what has none.</summary>
    public static string? EventOf(NodeCondition condition) => (condition.Type, condition.Status) switch
    {
        ("Ready", "True") => "NodeReady",
        ("Ready", _) => "NodeNotReady",
        ("MemoryPressure" or "DiskPressure" or "PIDPressure", _) => condition.Reason!.Replace("Kubelet", "Node", StringComparison.Ordinal),
        _ => null,
    };

    private static NodeCondition Condition(string type, bool value, string reason, string message) =>
        new() { Type = type, Status = value ? "True" : "False", Reason = reason, Message = message };
}
