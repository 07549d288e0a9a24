using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>What is known of the node's health at one moment.</summary>
internal readonly record struct NodeHealth(bool RuntimeAnswers, string? NotReadyReason, long AvailableMemory, double DiskFree, double PidsFree);

/// <summary>The conditions of a node, computed. Times of transition are kept while a status stays the same.</summary>
internal static class NodeConditions
{
    /// <summary>Upstream's default hard eviction thresholds.</summary>
    private const long LeastMemory = 100L << 20;

    private const double LeastDisk = 0.10;
    private const double LeastPids = 0.02;

    public static NodeCondition[] Compute(NodeHealth health, IReadOnlyList<NodeCondition> before, DateTimeOffset now)
    {
        var set = new Setter(before, now);
        return
        [
            set.Of("MemoryPressure", health.AvailableMemory < LeastMemory, "KubeletHasInsufficientMemory", "KubeletHasSufficientMemory", "kubelet has insufficient memory available", "kubelet has sufficient memory available"),
            set.Of("DiskPressure", health.DiskFree < LeastDisk, "KubeletHasDiskPressure", "KubeletHasNoDiskPressure", "kubelet has disk pressure", "kubelet has no disk pressure"),
            set.Of("PIDPressure", health.PidsFree < LeastPids, "KubeletHasInsufficientPID", "KubeletHasSufficientPID", "kubelet has insufficient PID available", "kubelet has sufficient PID available"),
            set.Of("Ready", health.NotReadyReason is null, "KubeletReady", "KubeletNotReady", "kubelet is posting ready status", health.NotReadyReason ?? ""),
        ];
    }

    private sealed class Setter(IReadOnlyList<NodeCondition> before, DateTimeOffset now)
    {
        public NodeCondition Of(string type, bool value, string reasonTrue, string reasonFalse, string messageTrue, string messageFalse)
        {
            var status = value ? "True" : "False";
            var known = before.FirstOrDefault(condition => condition.Type == type);
            return new()
            {
                Type = type,
                Status = status,
                Reason = value ? reasonTrue : reasonFalse,
                Message = value ? messageTrue : messageFalse,
                LastHeartbeatTime = now,
                LastTransitionTime = known?.Status == status ? known.LastTransitionTime : now,
            };
        }
    }
}
