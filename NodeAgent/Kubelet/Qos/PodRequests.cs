using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>What a pod asks for of one resource: cpu in thousandths of a core, all else in whole units, rounded up.</summary>
internal static class PodRequests
{
    public const string Cpu = "cpu";
    public const string Memory = "memory";
    public const string EphemeralStorage = "ephemeral-storage";
    public const string Pods = "pods";

    /// <summary>What the pod says for itself as a whole, or else its containers; what the runtime class takes for itself comes on top.</summary>
    public static long Of(PodSpec spec, string resource)
    {
        if (resource == Pods)
        {
            return 1;
        }

        var asked = spec.Resources?.Requests.Amount(resource) ?? spec.Resources?.Limits.Amount(resource) ?? Sum(spec, static container => container.Resources?.Requests, resource);
        return asked + (spec.Overhead.Amount(resource) ?? 0);
    }

    /// <summary>The most that is in use at a time: ordinary containers beside all sidecars, or one init container beside the sidecars before it.</summary>
    public static long Sum(PodSpec spec, Func<Container, IReadOnlyDictionary<string, string>?> list, string resource)
    {
        var (sidecars, most) = (0L, 0L);
        foreach (var init in spec.InitContainers ?? [])
        {
            var own = list(init).Amount(resource) ?? 0;
            most = Math.Max(most, sidecars + own);
            sidecars += init.RestartPolicy == "Always" ? own : 0;
        }

        return Math.Max(most, sidecars + (spec.Containers ?? []).Sum(container => list(container).Amount(resource) ?? 0));
    }

    /// <summary>Resources beside those that every node has: huge pages, and what devices and others offer.</summary>
    public static IEnumerable<string> Others(PodSpec spec) =>
        (spec.Containers ?? []).Concat(spec.InitContainers ?? [])
            .Select(container => container.Resources?.Requests)
            .Append(spec.Resources?.Requests)
            .Append(spec.Overhead)
            .SelectMany(requests => requests?.Keys ?? [])
            .Where(resource => resource is not (Cpu or Memory or EphemeralStorage))
            .Distinct()
            .Order(StringComparer.Ordinal);

    /// <summary>Of a domain that is not Kubernetes' own: <c>example.com/dongle</c>.</summary>
    public static bool IsExtended(string resource) =>
        resource.Contains('/', StringComparison.Ordinal) && !resource.Contains("kubernetes.io/", StringComparison.Ordinal);
}
