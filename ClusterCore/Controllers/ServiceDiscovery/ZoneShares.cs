using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>Which share of the CPUs each zone has: about that share of the traffic comes from it.</summary>
/// <param name="ByZone">Null where a node does not say its zone or its CPUs.</param>
internal sealed record ZoneShares(IReadOnlyDictionary<string, double>? ByZone)
{
    public const string ZoneLabel = "topology.kubernetes.io/zone";
    private static readonly string[] LeftOut = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    public static ZoneShares Compute(IEnumerable<Node> nodes)
    {
        var counted = nodes.Where(IsCounted).Select(node => (Zone: ZoneOf(node), Cpu: CpuOf(node))).ToArray();
        double total = counted.Sum(node => node.Cpu);
        return total == 0 || Array.Exists(counted, node => string.IsNullOrEmpty(node.Zone) || node.Cpu == 0)
            ? new((IReadOnlyDictionary<string, double>?)null)
            : new(counted.GroupBy(node => node.Zone!).ToDictionary(zone => zone.Key, zone => zone.Sum(node => node.Cpu) / total, StringComparer.Ordinal));
    }

    /// <summary>Whether the change of a node can change any share.</summary>
    public static bool AreTheSame(Node? before, Node? after) =>
        (before is not null && IsCounted(before)) == (after is not null && IsCounted(after)) && ZoneOf(before) == ZoneOf(after) && CpuOf(before) == CpuOf(after);

    public static string? ZoneOf(Node? node) => node?.Metadata.Labels?.GetValueOrDefault(ZoneLabel);

    private static bool IsCounted(Node node) => node.IsReady() && !LeftOut.Any(label => node.Metadata.Labels?.ContainsKey(label) == true);

    private static long CpuOf(Node? node) => Quantity.TryParse(node?.Status.Allocatable?.GetValueOrDefault("cpu"), out var cpu) ? cpu.MilliValue : 0;
}
