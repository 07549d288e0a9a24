using Flotilla.ClusterCore.Resources;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>Quantities of a resource list as the kernel wants them.</summary>
internal static class ResourceAmount
{
    /// <summary>Thousandths of a core, rounded up; 0 when the resource is not named.</summary>
    public static long MilliCpu(this IReadOnlyDictionary<string, string>? resources) =>
        resources?.TryGetValue("cpu", out var text) == true ? Quantity.Parse(text).MilliValue : 0;

    /// <summary>Bytes, rounded up; 0 when the resource is not named.</summary>
    public static long EphemeralStorage(this IReadOnlyDictionary<string, string>? resources) =>
        resources?.TryGetValue("ephemeral-storage", out var text) == true ? Quantity.Parse(text).Value : 0;

    /// <summary>Bytes, rounded up; 0 when the resource is not named.</summary>
    public static long Memory(this IReadOnlyDictionary<string, string>? resources) =>
        resources?.TryGetValue("memory", out var text) == true ? Quantity.Parse(text).Value : 0;
}
