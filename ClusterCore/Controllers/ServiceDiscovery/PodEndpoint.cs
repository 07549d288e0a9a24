using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.ServiceDiscovery;

/// <summary>One pod behind one service: what endpoints and endpoint slices are made of.</summary>
internal sealed record PodEndpoint(Pod Pod, string Address, bool Ready, bool Serving, bool Terminating)
{
    public static IEnumerable<PodEndpoint> Of(Service service, IEnumerable<Pod> pods)
    {
        foreach (var pod in pods)
        {
            if (pod.Status.PodIP is not { Length: > 0 } address || pod.IsFinished())
            {
                continue;
            }
            var serving = pod.IsReady();
            var terminating = pod.IsTerminating();
            var ready = service.Spec.PublishNotReadyAddresses || (serving && !terminating);
            yield return new(pod, address, ready, serving, terminating);
        }
    }

    public ObjectReference Reference => new()
    {
        Kind = "Pod",
        Namespace = Pod.Metadata.Namespace,
        Name = Pod.Metadata.Name,
        Uid = Pod.Metadata.Uid,
    };

    /// <summary>Only a pod that asked to be found under this service's name has one.</summary>
    public string? HostnameFor(Service service) =>
        Pod.Spec.Hostname is { Length: > 0 } hostname && Pod.Spec.Subdomain == service.Metadata.Name ? hostname : null;
}

/// <summary>The port numbers of one pod for a service's ports, of which named ones may differ from pod to pod.</summary>
internal static class PortResolution
{
    /// <returns>Null for a name that no container of the pod has.</returns>
    public static int? Find(Pod pod, ServicePort port)
    {
        if (port.TargetPort is not { } target)
        {
            return port.Port;
        }
        if (target.Text is null)
        {
            return target.Number == 0 ? port.Port : target.Number;
        }
        foreach (var container in pod.Spec.Containers ?? [])
        {
            foreach (var declared in container.Ports ?? [])
            {
                if (declared.Name == target.Text && (declared.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))
                {
                    return declared.Port;
                }
            }
        }
        return null;
    }
}
