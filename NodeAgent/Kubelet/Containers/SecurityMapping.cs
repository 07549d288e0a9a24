using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Runtime.Cri;

namespace Flotilla.NodeAgent.Kubelet.Containers;

/// <summary>Security contexts in CRI's words; a container's own setting wins over its pod's.</summary>
public static class SecurityMapping
{
    private static readonly string[] MaskedPaths =
    [
        "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    /// <param name="seccompRoot">The folder that local seccomp profiles are in.</param>
    public static LinuxContainerSecurityContext Of(PodSpec spec, PodContainer container, string? targetId, string seccompRoot)
    {
        var pod = spec.SecurityContext;
        var own = container.Spec.SecurityContext;
        var result = new LinuxContainerSecurityContext
        {
            Privileged = own?.Privileged == true,
            ReadonlyRootfs = own?.ReadOnlyRootFilesystem == true,
            NoNewPrivs = own?.AllowPrivilegeEscalation == false,
            NamespaceOptions = Namespaces(spec, targetId),
            RunAsUser = Value(own?.RunAsUser ?? pod?.RunAsUser),
            RunAsGroup = Value(own?.RunAsGroup ?? pod?.RunAsGroup),
            Seccomp = Seccomp(own?.SeccompProfile ?? pod?.SeccompProfile, seccompRoot),
            Apparmor = AppArmor(own?.AppArmorProfile ?? pod?.AppArmorProfile),
            Capabilities = new(),
            SupplementalGroups = { Groups(pod) },
        };
        result.Capabilities.AddCapabilities.AddRange(own?.Capabilities?.Add ?? []);
        result.Capabilities.DropCapabilities.AddRange(own?.Capabilities?.Drop ?? []);
        if (own?.ProcMount != "Unmasked")
        {
            result.MaskedPaths.AddRange(MaskedPaths);
            result.ReadonlyPaths.AddRange(ReadonlyPaths);
        }

        return result;
    }

    public static LinuxSandboxSecurityContext OfSandbox(PodSpec spec)
    {
        var result = new LinuxSandboxSecurityContext
        {
            Privileged = spec.All().Any(container => container.Spec.SecurityContext?.Privileged == true),
            NamespaceOptions = Namespaces(spec, null),
            RunAsUser = Value(spec.SecurityContext?.RunAsUser),
            RunAsGroup = Value(spec.SecurityContext?.RunAsGroup),
            Seccomp = new() { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        };
        result.SupplementalGroups.AddRange(Groups(spec.SecurityContext));
        if (result.RunAsUser is null)
        {
            // A group without a user is refused by the runtime.
            result.RunAsGroup = null;
        }

        return result;
    }

    private static NamespaceOption Namespaces(PodSpec spec, string? targetId) => new()
    {
        Network = spec.HostNetwork ? NamespaceMode.Node : NamespaceMode.Pod,
        Ipc = spec.HostIPC ? NamespaceMode.Node : NamespaceMode.Pod,
        Pid = (spec, targetId) switch
        {
            ({ HostPID: true }, _) => NamespaceMode.Node,
            (_, not null) => NamespaceMode.Target,
            ({ ShareProcessNamespace: true }, _) => NamespaceMode.Pod,
            _ => NamespaceMode.Container,
        },
        TargetId = targetId ?? "",
    };

    private static SecurityProfile Seccomp(SeccompProfile? profile, string root) => profile?.Type switch
    {
        "RuntimeDefault" => new() { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        "Localhost" => new() { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = Path.Combine(root, profile.LocalhostProfile ?? "") },
        _ => new() { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
    };

    /// <summary>Where a pod names none the runtime decides: it takes its own profile on machines that have AppArmor.</summary>
    private static SecurityProfile? AppArmor(AppArmorProfile? profile) => profile?.Type switch
    {
        null => null,
        "RuntimeDefault" => new() { ProfileType = SecurityProfile.Types.ProfileType.RuntimeDefault },
        "Localhost" => new() { ProfileType = SecurityProfile.Types.ProfileType.Localhost, LocalhostRef = profile.LocalhostProfile ?? "" },
        _ => new() { ProfileType = SecurityProfile.Types.ProfileType.Unconfined },
    };

    private static IEnumerable<long> Groups(PodSecurityContext? pod) =>
        pod?.FsGroup is { } fsGroup ? [fsGroup, .. pod.SupplementalGroups ?? []] : pod?.SupplementalGroups ?? [];

    private static Int64Value? Value(long? number) => number is { } value ? new() { Value = value } : null;
}
