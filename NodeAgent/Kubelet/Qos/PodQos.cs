using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>Quality-of-service classes, as the API defines them over cpu and memory of every container.</summary>
public static class PodQos
{
    public const string Guaranteed = nameof(Guaranteed);
    public const string Burstable = nameof(Burstable);
    public const string BestEffort = nameof(BestEffort);

    private static readonly string[] Counted = ["cpu", "memory"];

    public static string ClassOf(PodSpec spec)
    {
        if (spec.Resources is { } whole)
        {
            return IsEmpty(whole) ? ClassOf(spec with { Resources = null }) : IsGuaranteed(whole) ? Guaranteed : Burstable;
        }

        ResourceRequirements?[] all = [.. (spec.Containers ?? []).Concat(spec.InitContainers ?? []).Select(container => container.Resources)];
        if (all.All(IsEmpty))
        {
            return BestEffort;
        }

        return all.All(IsGuaranteed) ? Guaranteed : Burstable;
    }

    private static bool IsEmpty(ResourceRequirements? resources) =>
        Counted.All(name => IsZero(resources?.Requests, name) && IsZero(resources?.Limits, name));

    private static bool IsGuaranteed(ResourceRequirements? resources) => Counted.All(name =>
        !IsZero(resources?.Limits, name) && (!Has(resources?.Requests, name) || SameAmount(resources!.Requests![name], resources.Limits![name])));

    private static bool Has(IReadOnlyDictionary<string, string>? list, string name) => list?.ContainsKey(name) == true;

    private static bool IsZero(IReadOnlyDictionary<string, string>? list, string name) =>
        name == "cpu" ? list.MilliCpu() == 0 : list.Memory() == 0;

    private static bool SameAmount(string first, string second) =>
        Quantity.Parse(first) == Quantity.Parse(second);
}
