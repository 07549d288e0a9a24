using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Kubelet.Qos;

namespace Flotilla.NodeAgent.Kubelet.Statuses;

/// <summary>A pod's whole status, computed from one observation: what the API is told.</summary>
public static class PodStatusBuilder
{
    public static PodStatus Build(PodObservation observed, PodPlan plan, string hostIp)
    {
        var pod = observed.Pod;
        var spec = pod.Spec ?? new PodSpec();
        var containers = new ContainerStatuses(observed, plan, spec);
        var status = new PodStatus
        {
            ObservedGeneration = pod.Metadata.Generation,
            StartTime = pod.Status?.StartTime ?? observed.StartedAt ?? observed.Now,
            HostIP = hostIp,
            HostIPs = [new() { Ip = hostIp }],
            QosClass = PodQos.ClassOf(spec),
            InitContainerStatuses = spec.InitContainers is { Length: > 0 } ? containers.Of(spec.Init()) : null,
            ContainerStatuses = containers.Of(spec.Main()),
            EphemeralContainerStatuses = spec.EphemeralContainers is { Length: > 0 } ? containers.Of(spec.Ephemeral()) : null,
            Reason = observed.Outcome?.Reason,
            Message = observed.Outcome?.Message,
        };
        SetAddresses(status, observed, spec, hostIp);
        status.Phase = PodPhase.Of(observed, spec, status);
        status.Conditions = new PodConditions(observed, plan, spec, status).All();
        return status;
    }

    private static void SetAddresses(PodStatus status, PodObservation observed, PodSpec spec, string hostIp)
    {
        IReadOnlyList<string> ips = spec.HostNetwork ? [hostIp] : observed.Runtime.Sandbox is { Ready: true } sandbox ? sandbox.Ips : [];
        var known = observed.Pod.Status;
        if (ips.Count == 0 && known?.PodIP is not null && observed.Terminating)
        {
            (status.PodIP, status.PodIPs) = (known.PodIP, known.PodIPs);
        }
        else if (ips.Count > 0)
        {
            status.PodIP = ips[0];
            status.PodIPs = [.. ips.Select(ip => new PodIP { Ip = ip })];
        }
    }
}
