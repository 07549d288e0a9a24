using System.Globalization;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>
/// What no pod of the baseline level does: the known ways to more rights than a container has by default. Each check tells what
/// is wrong, in upstream's words, or null.
/// </summary>
internal static class BaselineChecks
{
    private static readonly string[] defaultCapabilities =
    [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ];

    public static Violation? AppArmor(CheckedPod pod)
    {
        static bool IsBad(JsonObject security) => security.Object("appArmorProfile") is { } profile && profile.Text("type") is not ("RuntimeDefault" or "Localhost");
        var annotations = (pod.Annotations ?? [])
            .Where(pair => pair.Key.StartsWith("container.apparmor.security.beta.kubernetes.io/", StringComparison.Ordinal))
            .Where(pair => pair.Value?.ToString() is { Length: > 0 } value && value != "runtime/default" && !value.StartsWith("localhost/", StringComparison.Ordinal))
            .Select(pair => $"{pair.Key}=\"{pair.Value}\"").Order(StringComparer.Ordinal).ToArray();
        var setters = pod.Setters(IsBad);
        if (setters is null && annotations.Length == 0) { return null; }
        string[] values = [.. SecurityValues(pod, security => IsBad(security) ? security.Object("appArmorProfile")!.Text("type") ?? "" : null), .. annotations];
        string[] who = [.. setters is null ? [] : (string[])[setters], .. annotations.Length > 0 ? [Violation.Plural("annotation", annotations.Length)] : (string[])[]];
        return new(
            Violation.Plural("forbidden AppArmor profile", values.Length), $"{string.Join(" and ", who)} must not set AppArmor profile type to {Violation.Quote(values)}");
    }

    public static Violation? Capabilities(CheckedPod pod)
    {
        static IEnumerable<string> Extra(JsonObject container) => Added(container).Except(defaultCapabilities, StringComparer.Ordinal);
        var bad = pod.ContainersWhere(container => Extra(container).Any());
        return bad.Length == 0 ? null : new(
            "non-default capabilities",
            $"{Violation.Named("container", bad)} must not include {Violation.Quote(Violation.Sorted(pod.Containers.SelectMany(Extra)))} in securityContext.capabilities.add");
    }

    public static IEnumerable<string> Added(JsonObject container) => container.Object("securityContext")?.Object("capabilities")?.Texts("add") ?? [];

    public static Violation? HostNamespaces(CheckedPod pod)
    {
        var shared = ((string[])["hostNetwork", "hostPID", "hostIPC"]).Where(name => pod.Spec.Flag(name) == true).Select(name => $"{name}=true").ToArray();
        return shared.Length == 0 ? null : new("host namespaces", string.Join(", ", shared));
    }

    public static Violation? HostPathVolumes(CheckedPod pod)
    {
        var volumes = pod.Spec.Items("volumes").Where(volume => volume["hostPath"] is not null).Select(volume => volume.Text("name") ?? "").ToArray();
        return volumes.Length == 0 ? null : new("hostPath volumes", Violation.Named("volume", volumes));
    }

    public static Violation? HostPorts(CheckedPod pod)
    {
        static IEnumerable<string> Ports(JsonObject container) => container.Items("ports")
            .Select(port => port.Number("hostPort") ?? 0).Where(port => port != 0).Select(port => port.ToString(CultureInfo.InvariantCulture));
        var bad = pod.ContainersWhere(container => Ports(container).Any());
        var ports = Violation.Sorted(pod.Containers.SelectMany(Ports));
        return bad.Length == 0 ? null : new(
            "hostPort", $"{Violation.Named("container", bad)} {Uses(bad)} {Violation.Plural("hostPort", ports.Length)} {string.Join(", ", ports)}");
    }

    public static Violation? HostProbes(CheckedPod pod)
    {
        static IEnumerable<string> Hosts(JsonObject container) =>
            ((JsonObject?[])
            [
                container.Object("livenessProbe"), container.Object("readinessProbe"), container.Object("startupProbe"),
                container.Object("lifecycle")?.Object("postStart"), container.Object("lifecycle")?.Object("preStop"),
            ])
            .SelectMany(handler => (string?[])[handler?.Object("httpGet")?.Text("host"), handler?.Object("tcpSocket")?.Text("host")])
            .OfType<string>().Where(host => host.Length > 0);
        var bad = Violation.Sorted(pod.ContainersWhere(container => Hosts(container).Any()));
        var hosts = Violation.Sorted(pod.Containers.SelectMany(Hosts));
        return bad.Length == 0 ? null : new(
            "probe or lifecycle host", $"{Violation.Named("container", bad)} {Uses(bad)} {Violation.Named("probe or lifecycle host", hosts)}");
    }

    public static Violation? Privileged(CheckedPod pod)
    {
        var bad = pod.ContainersWhere(container => container.Object("securityContext")?.Flag("privileged") == true);
        return bad.Length == 0 ? null : new("privileged", $"{Violation.Named("container", bad)} must not set securityContext.privileged=true");
    }

    public static Violation? ProcMount(CheckedPod pod)
    {
        static string? Type(JsonObject container) => container.Object("securityContext")?.Text("procMount") is { } type && type != "Default" ? type : null;
        var bad = pod.ContainersWhere(container => Type(container) is not null);
        return bad.Length == 0 ? null : new(
            "procMount",
            $"{Violation.Named("container", bad)} must not set securityContext.procMount to {Violation.Quote(Violation.Sorted(pod.Containers.Select(Type).OfType<string>()))}");
    }

    public static Violation? ProcMountOutsideUserNamespaces(CheckedPod pod) => pod.HasUserNamespace ? null : ProcMount(pod);

    public static Func<CheckedPod, Violation?> SeLinux(params string[] types) => pod =>
    {
        var (wrongTypes, setsUser, setsRole) = (new List<string>(), false, false);
        bool IsBad(JsonObject security)
        {
            if (security.Object("seLinuxOptions") is not { } options) { return false; }
            var (type, user, role) = (options.Text("type") ?? "", options.Has("user"), options.Has("role"));
            var isWrongType = type.Length > 0 && !types.Contains(type, StringComparer.Ordinal);
            if (isWrongType) { wrongTypes.Add(type); }
            (setsUser, setsRole) = (setsUser || user, setsRole || role);
            return isWrongType || user || role;
        }

        if (pod.Setters(IsBad) is not { } setters) { return null; }
        string[] problems =
        [
            .. wrongTypes.Count > 0 ? [Violation.Named("type", Violation.Sorted(wrongTypes))] : (string[])[],
            .. setsUser ? ["user may not be set"] : (string[])[],
            .. setsRole ? ["role may not be set"] : (string[])[],
        ];
        return new("seLinuxOptions", $"{setters} set forbidden securityContext.seLinuxOptions: {string.Join("; ", problems)}");
    };

    public static Violation? Seccomp(CheckedPod pod) => pod.Setters(IsBadSeccomp) is not { } setters ? null : new(
        "seccompProfile",
        $"{setters} must not set securityContext.seccompProfile.type to {Violation.Quote(SecurityValues(pod, security => IsBadSeccomp(security) ? security.Object("seccompProfile")!.Text("type") ?? "" : null))}");

    /// <summary>Before the profile was a field (1.19) it was an annotation.</summary>
    public static Violation? SeccompAnnotations(CheckedPod pod)
    {
        string[] names =
        [
            "seccomp.security.alpha.kubernetes.io/pod",
            .. pod.Containers.Select(container => $"container.seccomp.security.alpha.kubernetes.io/{container.Text("name")}"),
        ];
        var bad = Violation.Sorted(names.Select(name => (Name: name, Value: pod.Annotations?.Text(name)))
            .Where(one => one.Value is { } value && value is not ("runtime/default" or "docker/default") && !value.StartsWith("localhost/", StringComparison.Ordinal))
            .Select(one => $"{one.Name}=\"{one.Value}\""));
        return bad.Length == 0 ? null : new("seccompProfile", $"forbidden {Violation.Plural("annotation", bad.Length)} {string.Join(", ", bad)}");
    }

    public static Func<CheckedPod, Violation?> Sysctls(params string[] safe) => pod =>
    {
        var bad = (pod.Security?.Items("sysctls") ?? []).Select(sysctl => sysctl.Text("name") ?? "").Except(safe, StringComparer.Ordinal).ToArray();
        return bad.Length == 0 ? null : new("forbidden sysctls", string.Join(", ", bad));
    };

    public static Violation? HostProcess(CheckedPod pod) =>
        pod.Setters(static security => security.Object("windowsOptions")?.Flag("hostProcess") == true) is { } setters
            ? new("hostProcess", $"{setters} must not set securityContext.windowsOptions.hostProcess=true")
            : null;

    public static bool IsBadSeccomp(JsonObject security) =>
        security.Object("seccompProfile") is { } profile && profile.Text("type") is not ("RuntimeDefault" or "Localhost");

    private static string Uses(string[] containers) => containers.Length == 1 ? "uses" : "use";

    /// <summary>A value out of the pod's security context and each container's; null is none.</summary>
    private static string[] SecurityValues(CheckedPod pod, Func<JsonObject, string?> read) => Violation.Sorted(
        pod.Containers.Select(container => container.Object("securityContext")).Prepend(pod.Security).OfType<JsonObject>().Select(read).OfType<string>());
}
