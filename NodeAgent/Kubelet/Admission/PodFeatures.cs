using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Admission;

/// <summary>What this node cannot do, or must not: better refused in so many words than run without it.</summary>
internal static class PodFeatures
{
    /// <summary>Those that change nothing but the pod's own namespaces.</summary>
    private static readonly string[] SafeSysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ];

    public static PodRefusal? Refuse(Pod pod)
    {
        var spec = pod.Spec;
        if (spec.HostUsers == false)
        {
            return new("PodFeatureUnsupported", "user namespaces (hostUsers: false) are not supported by this node's container runtime");
        }

        if (spec.SecurityContext?.SupplementalGroupsPolicy == "Strict")
        {
            return new("SupplementalGroupsPolicyNotSupported", "SupplementalGroupsPolicy=Strict is not supported in this node");
        }

        var sysctl = spec.SecurityContext?.Sysctls?.FirstOrDefault(each => !SafeSysctls.Contains(each.Name) || (spec.HostNetwork && each.Name.StartsWith("net.", StringComparison.Ordinal)));
        if (sysctl is not null)
        {
            return new("SysctlForbidden", $"forbidden sysctl: \"{sysctl.Name}\" not allowlisted");
        }

        return AppArmor(spec) && !Directory.Exists("/sys/module/apparmor")
            ? new("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
            : null;
    }

    private static bool AppArmor(PodSpec spec) => spec.SecurityContext?.AppArmorProfile is { Type: "Localhost" or "RuntimeDefault" }
        || spec.All().Any(container => container.Spec.SecurityContext?.AppArmorProfile is { Type: "Localhost" or "RuntimeDefault" });
}
