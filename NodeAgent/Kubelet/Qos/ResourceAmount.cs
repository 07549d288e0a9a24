using Flotilla.ClusterCore.Resources;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>Quantities of a resource list as the kernel wants them, rounded up.</summary>
internal static class ResourceAmount
{
    /// <summary>Thousandths of a core; 0 when the resource is not named.</summary>
    public static long MilliCpu(this IReadOnlyDictionary<string, string>? resources) => resources.Amount(PodRequests.Cpu) ?? 0;

    /// <summary>Bytes; 0 when the resource is not named.</summary>
    public static long EphemeralStorage(this IReadOnlyDictionary<string, string>? resources) => resources.Amount(PodRequests.EphemeralStorage) ?? 0;

    /// <summary>Bytes; 0 when the resource is not named.</summary>
    public static long Memory(this IReadOnlyDictionary<string, string>? resources) => resources.Amount(PodRequests.Memory) ?? 0;

    /// <summary>Thousandths of a core, or whole units of anything else; null when the resource is not named.</summary>
    public static long? Amount(this IReadOnlyDictionary<string, string>? resources, string resource) =>
        resources?.TryGetValue(resource, out var text) != true ? null : resource == PodRequests.Cpu ? Quantity.Parse(text!).MilliValue : Quantity.Parse(text!).Value;
}
