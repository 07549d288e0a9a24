using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;
using Flotilla.NodeAgent.Kubelet.Server.Stats;

namespace Flotilla.NodeAgent.Kubelet.Eviction;

/// <summary>Limits on what a pod may write to the node's disk: they are kept by looking, not by the kernel.</summary>
internal static class LocalStorageLimits
{
    public static bool Any(PodSpec spec) =>
        spec.All().Any(container => container.Spec.Resources?.Limits.EphemeralStorage() > 0)
        || (spec.Volumes ?? []).Any(volume => volume.EmptyDir is { SizeLimit: not null, Medium: not "Memory" });

    /// <returns>Why the pod must go; null when it keeps to its limits.</returns>
    public static string? Exceeded(PodUsage pod)
    {
        var spec = pod.Pod.Spec;
        foreach (var volume in pod.Volumes)
        {
            var limit = spec.Volumes?.FirstOrDefault(each => each.Name == volume.Name)?.EmptyDir?.SizeLimit;
            if (limit is not null && volume.Used.Bytes > Quantity.Parse(limit).Value)
            {
                return EvictionMessages.EmptyDirTooLarge(volume.Name, limit);
            }
        }

        var limits = spec.Main().Concat(spec.Init().Where(init => init.Kind == ContainerKind.Sidecar)).Select(container => container.Spec.Resources?.Limits.EphemeralStorage() ?? 0).ToList();
        if (limits.All(limit => limit > 0) && pod.Ephemeral.Bytes > limits.Sum())
        {
            return EvictionMessages.PodTooLarge(limits.Sum());
        }

        var container = pod.Containers.FirstOrDefault(each => each.Spec.Spec.Resources?.Limits.EphemeralStorage() is > 0 and var limit
            && (each.WritableLayer + each.Logs).Bytes > limit);
        return container is null ? null : EvictionMessages.ContainerTooLarge(container.Spec.Name, container.Spec.Spec.Resources!.Limits!["ephemeral-storage"]);
    }
}
