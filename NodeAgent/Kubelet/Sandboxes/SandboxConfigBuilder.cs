using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Runtime;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Sandboxes;

/// <summary>The sandbox that a pod's containers share: names, DNS, ports, namespaces, cgroup.</summary>
internal static class SandboxConfigBuilder
{
    public static PodSandboxConfig Build(Pod pod, uint attempt, string cgroupParent, KubeletOptions options)
    {
        var spec = pod.Spec ?? new();
        var config = new PodSandboxConfig
        {
            Metadata = new() { Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid, Attempt = attempt },
            Hostname = spec.HostNetwork ? "" : PodHostname.Of(pod, options.ClusterDomain).Name,
            LogDirectory = PodLogs.Directory(options, pod),
            DnsConfig = PodDns.Of(pod, options),
            Linux = new() { CgroupParent = cgroupParent, SecurityContext = SecurityMapping.OfSandbox(spec) },
        };
        foreach (var (name, value) in pod.Metadata.Labels ?? new Dictionary<string, string>())
        {
            config.Labels[name] = value;
        }

        config.Labels[CriLabels.PodName] = pod.Metadata.Name;
        config.Labels[CriLabels.PodNamespace] = pod.Metadata.Namespace;
        config.Labels[CriLabels.PodUid] = pod.Metadata.Uid;
        foreach (var sysctl in spec.SecurityContext?.Sysctls ?? [])
        {
            config.Linux.Sysctls[sysctl.Name] = sysctl.Value;
        }

        config.PortMappings.AddRange(Ports(spec));
        return config;
    }

    private static IEnumerable<PortMapping> Ports(PodSpec spec) => spec.HostNetwork
        ? []
        : spec.All().SelectMany(container => container.Spec.Ports ?? []).Where(port => port.HostPort > 0).Select(port => new PortMapping
        {
            ContainerPort = port.Port,
            HostPort = port.HostPort,
            HostIp = port.HostIP ?? "",
            Protocol = port.Protocol switch { "UDP" => Protocol.Udp, "SCTP" => Protocol.Sctp, _ => Protocol.Tcp },
        });
}
