namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>
/// For which zone each endpoint is meant, so that each zone has about the share of endpoints that it has of the CPUs. An endpoint is its
/// own zone's; only zones that have too many give some to those that have too few.
/// </summary>
/// <example>Zones a and b are equally large, a has three endpoints, b has one: one of a's is meant for b.</example>
/// <param name="Zones">In the order of the endpoints; null where traffic is not led, and why the problem says.</param>
internal sealed record TopologyPlan(IReadOnlyList<string>? Zones, string? Problem)
{
    /// <summary>An endpoint may get a fifth more than its share of the traffic.</summary>
    private const double OverloadThreshold = 0.2;

    /// <param name="endpoints">The zones of the ready endpoints.</param>
    public static TopologyPlan Compute(ZoneShares shares, IReadOnlyList<string?> endpoints)
    {
        if (shares.ByZone is not { } byZone)
        {
            return Not("Insufficient Node information: allocatable CPU or zone not specified on one or more nodes");
        }
        if (byZone.Count < 2)
        {
            return Not("Nodes only ready in one zone");
        }
        var counts = $"({endpoints.Count} endpoints, {byZone.Count} zones)";
        if (byZone.Count > endpoints.Count)
        {
            return Not($"Insufficient number of endpoints {counts}");
        }
        var least = byZone.ToDictionary(zone => zone.Key, zone => (int)Math.Ceiling(zone.Value * endpoints.Count / (1 + OverloadThreshold)), StringComparer.Ordinal);
        return least.Values.Sum() > endpoints.Count
            ? Not($"Unable to allocate minimum required endpoints to each zone without exceeding overload threshold {counts}")
            : endpoints.Any(string.IsNullOrEmpty) ? Not("One or more endpoints do not have a zone specified")
            : new(Spread(endpoints, byZone.ToDictionary(zone => zone.Key, zone => Math.Max(zone.Value * endpoints.Count, least[zone.Key]), StringComparer.Ordinal)), null);
    }

    private static TopologyPlan Not(string problem) => new(null, problem);

    private static string[] Spread(IReadOnlyList<string?> endpoints, Dictionary<string, double> wanted)
    {
        string[] zones = [.. endpoints.Select(zone => zone!)];
        var present = zones.CountBy(zone => zone).ToDictionary(StringComparer.Ordinal);
        var (giving, receiving) = Moves(wanted.ToDictionary(zone => zone.Key, zone => present.GetValueOrDefault(zone.Key) - zone.Value, StringComparer.Ordinal));
        for (var i = 0; i < zones.Length; i++)
        {
            if (giving.GetValueOrDefault(zones[i]) > 0 && receiving.FirstOrDefault(zone => zone.Value > 0).Key is { } needy)
            {
                giving[zones[i]]--;
                receiving[needy]--;
                zones[i] = needy;
            }
        }
        return zones;
    }

    /// <summary>One at a time from the zone that has most too many to the one that has most too few, while that is half an endpoint for both.</summary>
    /// <param name="surplus">Of endpoints; too few are less than zero.</param>
    private static (Dictionary<string, int> Giving, SortedDictionary<string, int> Receiving) Moves(Dictionary<string, double> surplus)
    {
        var giving = new Dictionary<string, int>(StringComparer.Ordinal);
        var receiving = new SortedDictionary<string, int>(StringComparer.Ordinal);
        while (true)
        {
            var inOrder = surplus.OrderBy(zone => zone.Key, StringComparer.Ordinal).ToArray();
            var (most, least) = (inOrder.MaxBy(zone => zone.Value), inOrder.MinBy(zone => zone.Value));
            var (gives, takes) = (most.Value, -least.Value);
            if ((gives < 1 && takes < 1) || gives < 0.5 || takes < 0.5)
            {
                return (giving, receiving);
            }
            giving[most.Key] = giving.GetValueOrDefault(most.Key) + 1;
            receiving[least.Key] = receiving.GetValueOrDefault(least.Key) + 1;
            surplus[most.Key]--;
            surplus[least.Key]++;
        }
    }
}
