using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>Ports of the node that pods take for themselves. One of all addresses is one of each.</summary>
internal static class HostPorts
{
    private const string AllAddresses = "0.0.0.0";

    public static bool Taken(Pod pod, IEnumerable<Pod> others)
    {
        var wanted = Of(pod);
        return wanted.Count > 0 && others.Any(other => Of(other).Any(port => wanted.Any(port.Meets)));
    }

    private static List<HostPort> Of(Pod pod) =>
        [.. pod.Spec.Main().Concat(pod.Spec.Init().Where(init => init.Kind == ContainerKind.Sidecar))
            .SelectMany(container => container.Spec.Ports ?? [])
            .Where(port => port.HostPort > 0)
            .Select(port => new HostPort(port.HostPort, port.Protocol ?? "TCP", port.HostIP is { Length: > 0 } address ? address : AllAddresses))];

    private readonly record struct HostPort(int Number, string Protocol, string Address)
    {
        public bool Meets(HostPort other) =>
            (Number, Protocol) == (other.Number, other.Protocol) && (Address == other.Address || Address == AllAddresses || other.Address == AllAddresses);
    }
}
