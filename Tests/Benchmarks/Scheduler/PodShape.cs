using System.Globalization;

namespace Flotilla.Benchmarks.Scheduler;

/// <summary>What the pods of a load ask for. Groups of 500 share a label, as the pods of one Deployment do.</summary>
internal sealed record PodShape(string Spec)
{
    private const int GroupSize = 500;

    public static PodShape Plain { get; } = new("");

    /// <summary>On a node from the start: nothing to schedule, but there.</summary>
    public static PodShape Placed { get; } = new(""","nodeName":"node-NODE" """);

    public static PodShape AntiAffinity { get; } = new(
        ""","affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"group":"GROUP"}}}]}}""");

    public static PodShape Spread { get; } = new(
        ""","topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"group":"GROUP"}}}]""");

    public string ToJson(string name, int index)
    {
        var group = string.Create(CultureInfo.InvariantCulture, $"{name}-{index / GroupSize}");
        var spec = Spec.Replace("GROUP", group, StringComparison.Ordinal)
            .Replace("NODE", (index % 1000).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return $$$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{{name}}}}-{{{{index}}}}","labels":{"app":"load","group":"{{{{group}}}}"}},
            "spec":{"containers":[{"name":"main","image":"registry.k8s.io/pause:3.10","resources":{"requests":{"cpu":"10m","memory":"20Mi"}}}]{{{{spec}}}}}}
            """;
    }
}
