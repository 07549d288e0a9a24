using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Sandboxes;

internal static class PodHostname
{
    private const int Longest = 63;

    /// <summary>The name by which a container knows itself, and the domain where the pod has a subdomain.</summary>
    public static (string Name, string Domain) Of(Pod pod, string clusterDomain)
    {
        var spec = pod.Spec ?? new();
        if (spec.HostnameOverride is { Length: > 0 } overriding)
        {
            return (overriding, "");
        }

        var name = spec.Hostname is { Length: > 0 } hostname ? hostname : Truncated(pod.Metadata.Name);
        var domain = spec.Subdomain is { Length: > 0 } subdomain ? $"{subdomain}.{pod.Metadata.Namespace}.svc.{clusterDomain}" : "";
        return (spec.SetHostnameAsFQDN == true && domain.Length > 0 ? $"{name}.{domain}" : name, domain);
    }

    private static string Truncated(string name) => name.Length <= Longest ? name : name[..Longest].TrimEnd('-', '.');
}
