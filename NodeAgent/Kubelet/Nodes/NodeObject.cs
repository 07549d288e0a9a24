using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>The Node object as its kubelet registers it, and its status.</summary>
internal static class NodeObject
{
    public static IReadOnlyDictionary<string, string> Labels(string name, IReadOnlyDictionary<string, string> extra)
    {
        var labels = new Dictionary<string, string>(extra)
        {
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = MachineFacts.Architecture,
        };
        labels["beta.kubernetes.io/os"] = labels["kubernetes.io/os"];
        labels["beta.kubernetes.io/arch"] = labels["kubernetes.io/arch"];
        return labels;
    }

    public static Node Registration(string name, IReadOnlyDictionary<string, string> labels, NodeStatus status) => new()
    {
        ApiVersion = "v1",
        Kind = "Node",
        Metadata = new()
        {
            Name = name,
            Labels = labels,
            Annotations = new Dictionary<string, string> { ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" },
        },
        Status = status,
    };

    /// <param name="extended">What somebody else says the node has, such as <c>example.com/dongle</c>: all of it is for pods.</param>
    public static NodeStatus Status(
        NodeIdentity node, int port, NodeSystemInfo info, NodeCondition[] conditions, IReadOnlyDictionary<string, string> extended) => new()
        {
            Addresses = [new() { Type = "InternalIP", Address = node.Ip }, new() { Type = "Hostname", Address = node.Name }],
            Capacity = Amounts(node.Resources.MilliCpu, node.Resources.Memory, node.Resources.Disk, node.Resources.Pods),
            Allocatable = Amounts(node.Resources.AllocatableMilliCpu, node.Resources.AllocatableMemory, node.Resources.AllocatableDisk, node.Resources.Pods, extended),
            Conditions = conditions,
            DaemonEndpoints = new() { KubeletEndpoint = new() { Port = port } },
            NodeInfo = info,
        };

    public static JsonObject StatusPatch(NodeStatus status, params IEnumerable<string> withdrawn)
    {
        var patch = JsonSerializer.SerializeToNode(status, ObjectJson.Default.NodeStatus)!;
        foreach (var resource in withdrawn) { patch["allocatable"]![resource] = null; }
        return new() { ["status"] = patch };
    }

    /// <summary>Extended resources have a domain; what the kubelet counts itself has none.</summary>
    public static Dictionary<string, string> Extended(Node node) =>
        (node.Status.Capacity ?? new Dictionary<string, string>()).Where(static amount => amount.Key.Contains('/', StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);

    private static Dictionary<string, string> Amounts(long milliCpu, long memory, long disk, int pods, IReadOnlyDictionary<string, string>? extended = null)
    {
        var amounts = new Dictionary<string, string>(extended ?? new Dictionary<string, string>())
        {
            ["cpu"] = milliCpu % 1000 == 0 ? $"{milliCpu / 1000}" : $"{milliCpu}m",
            ["memory"] = $"{memory / 1024}Ki",
            ["ephemeral-storage"] = $"{disk / 1024}Ki",
            ["pods"] = $"{pods}",
            ["hugepages-1Gi"] = "0",
            ["hugepages-2Mi"] = "0",
        };
        return amounts;
    }
}
