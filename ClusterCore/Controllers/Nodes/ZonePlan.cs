using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Nodes;

internal enum ZoneState
{
    Normal,
    PartialDisruption,
    FullDisruption,
}

/// <summary>
/// How fast nodes of a zone may be evicted. Many silent nodes at once are more likely a broken network than dead nodes: in a partly
/// failed zone eviction slows down or stops, and where every zone is silent nothing is evicted at all.
/// </summary>
/// <param name="IsMasterDisruption">No node at all is heard of: it is this member that is cut off, and what it believed of nodes is taken back.</param>
internal sealed record ZonePlan(
    IReadOnlyDictionary<string, ZoneState> Zones, IReadOnlyDictionary<string, double> EvictionsPerSecond, bool IsMasterDisruption)
{
    /// <param name="isSilent">Nodes that are ready only by what was written last: of many that fall silent at once the first is no exception.</param>
    public static ZonePlan Compute(IReadOnlyList<Node> nodes, ControllerManagerOptions options, Func<Node, bool>? isSilent = null)
    {
        var zones = nodes.GroupBy(ZoneOf, StringComparer.Ordinal).ToArray();
        var states = zones.ToDictionary(zone => zone.Key, zone => State([.. zone], options, isSilent), StringComparer.Ordinal);
        var allSilent = states.Count > 0 && states.Values.All(state => state == ZoneState.FullDisruption);
        var rates = zones.ToDictionary(
            zone => zone.Key,
            zone => allSilent ? 0 : states[zone.Key] switch
            {
                ZoneState.PartialDisruption => zone.Count() > options.LargeZoneSize ? options.SecondaryNodeEvictionRate : 0,
                _ => options.NodeEvictionRate,
            },
            StringComparer.Ordinal);
        return new(states, rates, allSilent);
    }

    public static string ZoneOf(Node node) =>
        $"{node.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/region")}:{node.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone")}";

    private static ZoneState State(Node[] zone, ControllerManagerOptions options, Func<Node, bool>? isSilent)
    {
        var notReady = zone.Count(node => !node.IsReady() || isSilent?.Invoke(node) == true);
        return notReady == zone.Length ? ZoneState.FullDisruption
            : notReady > 2 && (double)notReady / zone.Length >= options.UnhealthyZoneThreshold ? ZoneState.PartialDisruption
            : ZoneState.Normal;
    }
}
