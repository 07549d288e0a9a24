using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>What of a pod, or of a template for pods, is valid and does not do what its author may think, in upstream's words.</summary>
internal static class PodWarnings
{
    private const string NoPod = "a null labelSelector results in matching no pod";
    private const string SeccompOfPod = "seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompOfContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string UseSeccomp = "non-functional in v1.27+; use the \"seccompProfile\" field instead";

    private static readonly (string Key, string Message)[] annotationsOfOld =
    [
        ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
        ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
        ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ];

    /// <param name="path">Where the template is; empty for a pod itself.</param>
    public static IEnumerable<string> Of(JsonObject pod, string path)
    {
        var (spec, annotations) = (pod.Spec() ?? [], pod.Metadata()?.Object("annotations") ?? []);
        var (at, noted) = (Join(path, "spec"), Join(path, "metadata.annotations"));
        return
        [
            .. Placement(spec, at),
            .. annotationsOfOld.Where(old => annotations.ContainsKey(old.Key)).Select(old => $"{noted}[{old.Key}]: {old.Message}"),
            .. Volumes(spec, at),
            .. Doubles(spec, "hostAliases", "ip", at),
            .. Doubles(spec, "imagePullSecrets", "name", at),
            .. spec.Items("imagePullSecrets").Index().Where(static one => one.Item.Text("name") is null or "").Select(one => $"{at}.imagePullSecrets[{one.Index}].name: invalid empty name \"\""),
            .. StorageWarnings.Fractions(spec.Object("overhead"), $"{at}.overhead"),
            .. Profiles(spec, annotations, noted, isTemplate: path.Length > 0),
            .. PodSecurityValidation.Containers(spec, at).SelectMany(static one => OfContainer(one.Container, one.Path)),
            .. PortWarnings.Of(spec, at),
            .. spec.Number("terminationGracePeriodSeconds") < 0 ? [$"{at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"] : (string[])[],
            .. Neighbours(spec, at),
        ];
    }

    private static IEnumerable<string> Placement(JsonObject spec, string at)
    {
        var affinity = spec.Object("affinity")?.Object("nodeAffinity") ?? [];
        var required = affinity.Object("requiredDuringSchedulingIgnoredDuringExecution")?.Items("nodeSelectorTerms") ?? [];
        return
        [
            .. (spec.Object("nodeSelector") ?? []).Select(static pair => pair.Key).Where(NodeLabelWarnings.IsOld).Select(key => $"{at}.nodeSelector[{key}]: {NodeLabelWarnings.Of(key)}"),
            .. required.SelectMany((term, index) => NodeLabelWarnings.OfTerm(term, $"{at}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[{index}]")),
            .. affinity.Items("preferredDuringSchedulingIgnoredDuringExecution").SelectMany((term, index) =>
                NodeLabelWarnings.OfTerm(term.Object("preference") ?? [], $"{at}.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[{index}].preference")),
            .. spec.Items("topologySpreadConstraints").SelectMany((constraint, index) => Spread(constraint, $"{at}.topologySpreadConstraints[{index}]")),
        ];
    }

    private static IEnumerable<string> Spread(JsonObject constraint, string at)
    {
        if (constraint.Text("topologyKey") is { } key && NodeLabelWarnings.IsOld(key)) { yield return $"{at}.topologyKey: {key} is {NodeLabelWarnings.Of(key)}"; }
        if (constraint.Object("labelSelector") is null) { yield return $"{at}.labelSelector: {NoPod}"; }
    }

    private static IEnumerable<string> Neighbours(JsonObject spec, string at) =>
        from kind in (string[])["podAffinity", "podAntiAffinity"]
        let affinity = spec.Object("affinity")?.Object(kind) ?? []
        from warning in affinity.Items("requiredDuringSchedulingIgnoredDuringExecution").Index()
            .Where(static term => term.Item.Object("labelSelector") is null)
            .Select(term => $"{at}.affinity.{kind}.requiredDuringSchedulingIgnoredDuringExecution[{term.Index}].labelSelector: {NoPod}")
            .Concat(affinity.Items("preferredDuringSchedulingIgnoredDuringExecution").Index()
                .Where(static term => term.Item.Object("podAffinityTerm")?.Object("labelSelector") is null)
                .Select(term => $"{at}.affinity.{kind}.preferredDuringSchedulingIgnoredDuringExecution[{term.Index}].podAffinityTerm.labelSelector: {NoPod}"))
        select warning;

    private static IEnumerable<string> Volumes(JsonObject spec, string at) => spec.Items("volumes")
        .SelectMany((volume, index) => StorageWarnings.Source(volume, $"{at}.volumes[{index}]").Concat(StorageWarnings.OfClaimSpec(
            volume.Object("ephemeral")?.Object("volumeClaimTemplate")?.Spec() ?? [], $"{at}.volumes[{index}].ephemeral.volumeClaimTemplate.spec")))
        .Concat(spec.Items("volumes").SelectMany(VolumePathWarnings.Of));

    private static IEnumerable<string> Doubles(JsonObject spec, string list, string field, string at)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return spec.Items(list).Index().Where(one => !seen.Add(one.Item.Text(field) ?? ""))
            .Select(one => $"{at}.{list}[{one.Index}].{field}: duplicate {field} {FieldError.Quote(one.Item.Text(field) ?? "")}");
    }

    private static IEnumerable<string> Profiles(JsonObject spec, JsonObject annotations, string noted, bool isTemplate)
    {
        var pod = spec.Object("securityContext");
        if (annotations.ContainsKey(SeccompOfPod) && pod?.Object("seccompProfile") is null) { yield return $"{noted}[{SeccompOfPod}]: {UseSeccomp}"; }
        foreach (var (container, _) in PodSecurityValidation.Containers(spec, ""))
        {
            var (own, name) = (container.Object("securityContext"), container.Text("name"));
            if (annotations.ContainsKey(SeccompOfContainer + name) && own?.Object("seccompProfile") is null) { yield return $"{noted}[{SeccompOfContainer}{name}]: {UseSeccomp}"; }
            // Of a pod itself it has been said when the annotation became a field.
            var key = AppArmorProfiles.Annotation + name;
            if (isTemplate && annotations.ContainsKey(key) && (own?.Object("appArmorProfile") ?? pod?.Object("appArmorProfile")) is null) { yield return $"{noted}[{key}]: {AppArmorProfiles.Deprecated}"; }
        }
    }

    private static IEnumerable<string> OfContainer(JsonObject container, string at)
    {
        var resources = container.Object("resources") ?? [];
        foreach (var warning in StorageWarnings.Fractions(resources.Object("limits"), $"{at}.resources.limits").Concat(StorageWarnings.Fractions(resources.Object("requests"), $"{at}.resources.requests"))) { yield return warning; }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, variable) in container.Items("env").Index())
        {
            var (name, value) = (variable.Text("name") ?? "", variable.Text("value") ?? "");
            // One that is made of the one before, such as PATH=/opt/bin:$(PATH), hides nothing.
            var reference = $"$({name})";
            if (!seen.Add(name) && (variable.Object("valueFrom") is not null || value == reference || !value.Contains(reference, StringComparison.Ordinal)))
            {
                yield return $"{at}.env[{index}]: hides previous definition of {FieldError.Quote(name)}, which may be dropped when using apply";
            }
        }
    }

    private static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";
}
