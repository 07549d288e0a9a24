using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>What a pod of the restricted level says beyond the baseline: that it needs nothing special, in so many words.</summary>
internal static class RestrictedChecks
{
    private static readonly string[] allowedVolumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    private static readonly string[] knownVolumes =
    [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker",
        "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
    ];

    public static Violation? PrivilegeEscalation(CheckedPod pod)
    {
        var bad = pod.ContainersWhere(container => container.Object("securityContext")?.Flag("allowPrivilegeEscalation") != false);
        return bad.Length == 0 ? null : new("allowPrivilegeEscalation != false", $"{Violation.Named("container", bad)} must set securityContext.allowPrivilegeEscalation=false");
    }

    public static Violation? Capabilities(CheckedPod pod)
    {
        static IEnumerable<string> Extra(JsonObject container) => BaselineChecks.Added(container).Where(capability => capability != "NET_BIND_SERVICE");
        var keeping = pod.ContainersWhere(container => container.Object("securityContext")?.Object("capabilities")?.Texts("drop").Contains("ALL", StringComparer.Ordinal) != true);
        var adding = pod.ContainersWhere(container => Extra(container).Any());
        string[] problems =
        [
            .. keeping.Length > 0 ? [$"{Violation.Named("container", keeping)} must set securityContext.capabilities.drop=[\"ALL\"]"] : (string[])[],
            .. adding.Length > 0
                ? [$"{Violation.Named("container", adding)} must not include {Violation.Quote(Violation.Sorted(pod.Containers.SelectMany(Extra)))} in securityContext.capabilities.add"]
                : (string[])[],
        ];
        return problems.Length == 0 ? null : new("unrestricted capabilities", string.Join("; ", problems));
    }

    public static Violation? Volumes(CheckedPod pod)
    {
        var bad = pod.Spec.Items("volumes").Where(volume => !Array.Exists(allowedVolumes, type => volume[type] is not null)).ToArray();
        if (bad.Length == 0) { return null; }
        var types = Violation.Sorted(bad.Select(volume => Array.Find(knownVolumes, type => volume[type] is not null) ?? "unknown"));
        string[] names = [.. bad.Select(volume => volume.Text("name") ?? "")];
        return new("restricted volume types", $"{Violation.Named("volume", names)} {(names.Length == 1 ? "uses" : "use")} {Violation.Named("restricted volume type", types)}");
    }

    public static Violation? NonRoot(CheckedPod pod)
    {
        const string reason = "runAsNonRoot != true";
        if (pod.Setters(static security => security.Flag("runAsNonRoot") == false) is { } setters)
        {
            return new(reason, $"{setters} must not set securityContext.runAsNonRoot=false");
        }

        if (pod.Security?.Flag("runAsNonRoot") == true) { return null; }
        var bad = pod.ContainersWhere(container => container.Object("securityContext")?.Flag("runAsNonRoot") is null);
        return bad.Length == 0 ? null : new(reason, $"pod or {Violation.Named("container", bad)} must set securityContext.runAsNonRoot=true");
    }

    public static Violation? User(CheckedPod pod) => pod.Setters(static security => security.Number("runAsUser") == 0) is { } setters
        ? new("runAsUser=0", $"{setters} must not set runAsUser=0")
        : null;

    public static Violation? Seccomp(CheckedPod pod)
    {
        if (BaselineChecks.Seccomp(pod) is { } violation) { return violation; }
        if (pod.Security?["seccompProfile"] is not null) { return null; }
        var bad = pod.ContainersWhere(container => container.Object("securityContext")?["seccompProfile"] is null);
        return bad.Length == 0 ? null : new(
            "seccompProfile", $"pod or {Violation.Named("container", bad)} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
    }

    /// <summary>A Windows pod cannot say what only Linux has.</summary>
    public static Func<CheckedPod, Violation?> OnLinux(Func<CheckedPod, Violation?> check) => pod => pod.IsWindows ? null : check(pod);

    public static Func<CheckedPod, Violation?> OutsideUserNamespaces(Func<CheckedPod, Violation?> check) => pod => pod.HasUserNamespace ? null : check(pod);
}
