using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Server.Stats;

namespace Flotilla.NodeAgent.Kubelet.Eviction;

/// <summary>The status text of an evicted pod, in upstream's words: people and tools search for them.</summary>
internal static class EvictionMessages
{
    public const string Reason = "Evicted";

    public static string NodeWasLow(MetThreshold met, PodUsage pod)
    {
        var signal = met.Threshold.Signal;
        var resource = EvictionSignal.Resource(signal);
        // Processes and inodes nobody can ask for: there is nothing to compare with.
        var greedy = resource is not ("memory" or "ephemeral-storage") ? [] : pod.Containers.Select(container => (container.Spec.Name, Amounts: EvictionOrder.Of(signal, container)))
            .Where(each => each.Amounts.Used > each.Amounts.Requested)
            .Select(each => $"Container {each.Name} was using {Text(each.Amounts.Used, resource)}, request is {Text(each.Amounts.Requested, resource)}, has larger consumption of {resource}. ");
        return $"The node was low on resource: {resource}. Threshold quantity: {Text(met.Least, resource)}, available: {Text(met.Amount.Available, resource)}. {string.Concat(greedy)}";
    }

    public static string NodeHadCondition(IEnumerable<string> conditions) => $"The node had condition: [{string.Join(' ', conditions)}]. ";

    public static string EmptyDirTooLarge(string volume, string limit) => $"Usage of EmptyDir volume \"{volume}\" exceeds the limit \"{limit}\". ";

    public static string ContainerTooLarge(string container, string limit) => $"Container {container} exceeded its local ephemeral storage limit \"{limit}\". ";

    public static string PodTooLarge(long limit) => $"Pod ephemeral local storage usage exceeds the total limit of containers {Text(limit, "ephemeral-storage")}. ";

    private static string Text(long amount, string resource) =>
        Quantity.FromInteger(amount, resource is "memory" or "ephemeral-storage" ? QuantityFormat.BinarySI : QuantityFormat.DecimalSI).ToString();
}
