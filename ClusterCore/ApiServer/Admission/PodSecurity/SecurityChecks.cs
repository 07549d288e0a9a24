namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>Every check of the Pod Security Standards, by the order in which violations are told, and by the version it came with.</summary>
internal static class SecurityChecks
{
    private static readonly string[] firstSysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
    ];

    private static readonly string[] sysctlsOf27 = [.. firstSysctls, "net.ipv4.ip_local_reserved_ports"];

    private static readonly string[] sysctlsOf29 =
        [.. sysctlsOf27, "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"];

    private static readonly string[] sysctlsOf32 = [.. sysctlsOf29, "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"];

    private static readonly Check[] checks =
    [
        new("appArmorProfile", SecurityLevel.Baseline, [(0, BaselineChecks.AppArmor)]),
        new("capabilities_baseline", SecurityLevel.Baseline, [(0, BaselineChecks.Capabilities)]),
        new("hostNamespaces", SecurityLevel.Baseline, [(0, BaselineChecks.HostNamespaces)]),
        new("hostPathVolumes", SecurityLevel.Baseline, [(0, BaselineChecks.HostPathVolumes)]),
        new("hostPorts", SecurityLevel.Baseline, [(0, BaselineChecks.HostPorts)]),
        new("hostProbesAndHostLifecycle", SecurityLevel.Baseline, [(34, BaselineChecks.HostProbes)]),
        new("privileged", SecurityLevel.Baseline, [(0, BaselineChecks.Privileged)]),
        new("procMount", SecurityLevel.Baseline, [(0, BaselineChecks.ProcMount), (35, BaselineChecks.ProcMountOutsideUserNamespaces)]),
        new("seLinuxOptions", SecurityLevel.Baseline,
        [
            (0, BaselineChecks.SeLinux("container_t", "container_init_t", "container_kvm_t")),
            (31, BaselineChecks.SeLinux("container_t", "container_init_t", "container_kvm_t", "container_engine_t")),
        ]),
        new("seccompProfile_baseline", SecurityLevel.Baseline, [(0, BaselineChecks.SeccompAnnotations), (19, BaselineChecks.Seccomp)]),
        new("sysctls", SecurityLevel.Baseline,
        [
            (0, BaselineChecks.Sysctls(firstSysctls)), (27, BaselineChecks.Sysctls(sysctlsOf27)), (29, BaselineChecks.Sysctls(sysctlsOf29)), (32, BaselineChecks.Sysctls(sysctlsOf32)),
        ]),
        new("windowsHostProcess", SecurityLevel.Baseline, [(0, BaselineChecks.HostProcess)]),
        new("allowPrivilegeEscalation", SecurityLevel.Restricted,
            [(8, RestrictedChecks.PrivilegeEscalation), (25, RestrictedChecks.OnLinux(RestrictedChecks.PrivilegeEscalation))]),
        new("capabilities_restricted", SecurityLevel.Restricted,
            [(22, RestrictedChecks.Capabilities), (25, RestrictedChecks.OnLinux(RestrictedChecks.Capabilities))], "capabilities_baseline"),
        new("procMount_restricted", SecurityLevel.Restricted, [(35, BaselineChecks.ProcMount)], "procMount"),
        new("restrictedVolumes", SecurityLevel.Restricted, [(0, RestrictedChecks.Volumes)], "hostPathVolumes"),
        new("runAsNonRoot", SecurityLevel.Restricted, [(0, RestrictedChecks.NonRoot), (35, RestrictedChecks.OutsideUserNamespaces(RestrictedChecks.NonRoot))]),
        new("runAsUser", SecurityLevel.Restricted, [(23, RestrictedChecks.User), (35, RestrictedChecks.OutsideUserNamespaces(RestrictedChecks.User))]),
        new("seccompProfile_restricted", SecurityLevel.Restricted,
            [(19, RestrictedChecks.Seccomp), (25, RestrictedChecks.OnLinux(RestrictedChecks.Seccomp))], "seccompProfile_baseline"),
    ];

    public static IReadOnlyList<Violation> Run(SecurityStandard standard, CheckedPod pod)
    {
        if (standard.Level == SecurityLevel.Privileged) { return []; }
        var wanted = checks.Where(check => check.Level <= standard.Level && check.At(standard.Minor) is not null).ToArray();
        return
        [
            .. wanted.Where(check => !Array.Exists(wanted, other => other.Replaces == check.Id))
                .Select(check => check.At(standard.Minor)!(pod)).OfType<Violation>(),
        ];
    }

    /// <param name="Versions">From which minor version on which rule holds.</param>
    /// <param name="Replaces">A weaker check that this one makes superfluous.</param>
    private sealed record Check(string Id, SecurityLevel Level, (int From, Func<CheckedPod, Violation?> Rule)[] Versions, string Replaces = "")
    {
        public Func<CheckedPod, Violation?>? At(int minor) => Versions.LastOrDefault(version => version.From <= minor).Rule;
    }
}
