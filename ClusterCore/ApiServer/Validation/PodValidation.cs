using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Pods and templates of pods.</summary>
internal static class PodValidation
{
    private const long MaxInt32 = int.MaxValue;

    public static void Create(JsonObject pod, FieldErrors errors)
    {
        var spec = pod.Spec() ?? [];
        Spec(spec, "spec", errors);
        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
    }

    /// <summary>A template inside a workload.</summary>
    public static void Template(JsonObject template, string path, FieldErrors errors)
    {
        MetadataValidation.Labels(template.Metadata()?.Object("labels"), $"{path}.metadata.labels", errors);
        MetadataValidation.Annotations(template.Metadata()?.Object("annotations"), $"{path}.metadata.annotations", errors);
        var spec = template.Spec() ?? [];
        Spec(spec, $"{path}.spec", errors);
        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden($"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
        }
    }

    public static void Spec(JsonObject spec, string path, FieldErrors errors)
    {
        var volumes = VolumeValidation.Volumes(spec, path, errors);
        ContainerValidation.All(spec, volumes, path, errors);
        Rules.RequiredOneOf(spec, "restartPolicy", path, errors, "Always", "OnFailure", "Never");
        Rules.RequiredOneOf(spec, "dnsPolicy", path, errors, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        Dns(spec, path, errors);
        Rules.Between(spec, "activeDeadlineSeconds", 1, MaxInt32, path, errors);
        Rules.NotNegative(spec, "terminationGracePeriodSeconds", path, errors);
        MetadataValidation.Labels(spec.Object("nodeSelector"), $"{path}.nodeSelector", errors);
        Names(spec, path, errors);
        SecurityContext(spec, path, errors);
        PodPlacementValidation.Tolerations(spec, path, errors);
        PodPlacementValidation.Affinity(spec.Object("affinity"), $"{path}.affinity", errors);
        PodPlacementValidation.TopologySpread(spec, path, errors);
        HostAliases(spec, path, errors);
        Gates(spec, path, errors);
        ResourceValidation.Requirements(spec.Object("resources"), $"{path}.resources", errors);
    }

    private static void Names(JsonObject spec, string path, FieldErrors errors)
    {
        Rules.Optional(spec, "nodeName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Optional(spec, "serviceAccountName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Optional(spec, "priorityClassName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Optional(spec, "runtimeClassName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Optional(spec, "hostname", path, errors, ObjectNames.Dns1123Label);
        Rules.Optional(spec, "subdomain", path, errors, ObjectNames.Dns1123Label);
        Rules.Required(spec, "schedulerName", path, errors, ObjectNames.Dns1123Subdomain);
        var index = 0;
        foreach (var secret in spec.Items("imagePullSecrets"))
        {
            var at = $"{path}.imagePullSecrets[{index++}]";
            if (!secret.Has("name"))
            {
                errors.Required($"{at}.name");
            }
        }
    }

    private static void Dns(JsonObject spec, string path, FieldErrors errors)
    {
        var config = spec.Object("dnsConfig");
        if (spec.Text("dnsPolicy") == "None" && config?.List("nameservers") is not { Count: > 0 })
        {
            errors.Required(config is null ? $"{path}.dnsConfig" : $"{path}.dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }

        var index = 0;
        foreach (var server in config?.Texts("nameservers") ?? [])
        {
            errors.Check($"{path}.dnsConfig.nameservers[{index++}]", server, Rules.IpAddress(server));
        }
    }

    private static void SecurityContext(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Object("securityContext") is not { } context)
        {
            return;
        }

        foreach (var id in (ReadOnlySpan<string>)["runAsUser", "runAsGroup", "fsGroup"])
        {
            Rules.Between(context, id, 0, MaxInt32, $"{path}.securityContext", errors);
        }

        Rules.OneOf(context, "fsGroupChangePolicy", $"{path}.securityContext", errors, "Always", "OnRootMismatch");
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var sysctl in context.Items("sysctls"))
        {
            var at = $"{path}.securityContext.sysctls[{index++}]";
            Rules.Required(sysctl, "name", at, errors);
            if (sysctl.Text("name") is { Length: > 0 } name && !names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
        }
    }

    private static void HostAliases(JsonObject spec, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var alias in spec.Items("hostAliases"))
        {
            var at = $"{path}.hostAliases[{index++}]";
            errors.Check($"{at}.ip", alias.Text("ip") ?? "", Rules.IpAddress(alias.Text("ip") ?? ""));
            foreach (var name in alias.Texts("hostnames"))
            {
                errors.Check($"{at}.hostnames", name, ObjectNames.Dns1123Subdomain(name));
            }
        }
    }

    private static void Gates(JsonObject spec, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var gate in spec.Items("schedulingGates"))
        {
            var at = $"{path}.schedulingGates[{index++}]";
            var name = gate.Text("name") ?? "";
            errors.Check($"{at}.name", name, ObjectNames.QualifiedName(name));
            if (!seen.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }

        index = 0;
        foreach (var gate in spec.Items("readinessGates"))
        {
            var at = $"{path}.readinessGates[{index++}].conditionType";
            errors.Check(at, gate.Text("conditionType") ?? "", ObjectNames.QualifiedName(gate.Text("conditionType") ?? ""));
        }

        if (spec.Object("os") is { } os)
        {
            Rules.RequiredOneOf(os, "name", $"{path}.os", errors, "linux", "windows");
        }
    }
}
