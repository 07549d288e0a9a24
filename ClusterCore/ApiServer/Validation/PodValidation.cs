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
        Spec(spec, "spec", errors, isOfPod: true);
        EphemeralVolumes(pod, spec, errors);
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var (index, container) in spec.Items(list).Index()) { ContainerValidation.Image(container, $"spec.{list}[{index}]", errors); }
        }

        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden("spec.ephemeralContainers", "cannot be set on create");
        }

        if (spec.Has("nodeName") && spec.List("schedulingGates") is { Count: > 0 })
        {
            errors.Forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
        }

        PodSecurityValidation.Annotations(pod, errors);
    }

    /// <summary>A template inside a workload.</summary>
    public static void Template(JsonObject template, string path, FieldErrors errors)
    {
        MetadataValidation.Labels(template.Metadata()?.Object("labels"), $"{path}.labels", errors);
        MetadataValidation.Annotations(template.Metadata()?.Object("annotations"), $"{path}.annotations", errors);
        var spec = template.Spec() ?? [];
        Spec(spec, $"{path}.spec", errors);
        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden($"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
        }
    }

    /// <param name="isOfPod">A template may leave open which images its volumes are of.</param>
    public static void Spec(JsonObject spec, string path, FieldErrors errors, bool isOfPod = false)
    {
        if (spec["terminationGracePeriodSeconds"] is null)
        {
            errors.Required($"{path}.terminationGracePeriodSeconds");
        }

        var volumes = VolumeValidation.Volumes(spec, path, isOfPod, errors);
        PodClaimValidation.Claims(spec, path, errors);
        ContainerValidation.All(spec, volumes, path, errors);
        PodResources(spec, path, errors);
        PortValidation.HostNetwork(spec, path, errors);
        Rules.RequiredOneOf(spec, "restartPolicy", path, errors, "Always", "OnFailure", "Never");
        Rules.RequiredOneOf(spec, "dnsPolicy", path, errors, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        MetadataValidation.Labels(spec.Object("nodeSelector"), $"{path}.nodeSelector", errors);
        PodSecurityValidation.Pod(spec, path, errors);
        PodPlacementValidation.Affinity(spec.Object("affinity"), $"{path}.affinity", errors);
        Dns(spec, $"{path}.dnsConfig", errors);
        Gates(spec, path, errors);
        PodPlacementValidation.TopologySpread(spec, path, errors);
        WindowsOptionsValidation.HostProcess(spec, path, errors);
        PodSecurityValidation.HostUsers(spec, path, errors);
        Hostname(spec, $"{path}.hostnameOverride", errors);
        Names(spec, path, errors);
        if (spec["preemptionPolicy"] is not null)
        {
            Rules.RequiredOneOf(spec, "preemptionPolicy", path, errors, "PreemptLowerPriority", "Never");
        }

        ResourceValidation.Quantities(spec.Object("overhead"), $"{path}.overhead.limits", errors);
        PodSecurityValidation.OperatingSystem(spec, path, errors);
        EnvironmentValidation.Files(spec, volumes, path, errors);
    }

    /// <summary>A claim is made under the pod's name and the volume's.</summary>
    private static void EphemeralVolumes(JsonObject pod, JsonObject spec, FieldErrors errors)
    {
        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            if (volume["ephemeral"] is null) { continue; }
            var (at, name) = ($"spec.volumes[{index}].name", $"{pod.Name()}-{volume.Text("name")}");
            if (pod.Name().Length > 0) { errors.Check(at, volume.Text("name"), [.. ObjectNames.Dns1123Subdomain(name).Select(wrong => $"PVC name {FieldError.Quote(name)}: {wrong}")]); }
        }
    }

    private static void PodResources(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Object("resources") is not { } resources) { return; }
        if (resources["claims"] is not null) { errors.Forbidden($"{path}.resources.claims", "claims may not be set for Resources at pod-level"); }
        PodClaimValidation.Uses(resources, spec, $"{path}.resources", errors);
        ResourceValidation.Requirements(resources, $"{path}.resources", errors, ofPod: true);
        foreach (var (name, value) in resources.Object("requests") ?? [])
        {
            if (Quantity.TryParse(value?.ToString(), out var ofPod) && OfContainers(spec, name) is { } together && together > ofPod)
            {
                errors.Invalid($"{path}.resources.requests[{name}]", ofPod.ToString(), $"must be greater than or equal to aggregate container requests of {together}");
            }
        }

        foreach (var (index, container) in spec.Items("containers").Index())
        {
            foreach (var (name, value) in container.Object("resources")?.Object("limits") ?? [])
            {
                if (Quantity.TryParse(value?.ToString(), out var limit) && Quantity.TryParse(resources.Object("limits")?.Text(name), out var most) && limit > most)
                {
                    errors.Invalid($"{path}.resources.containers[{index}][{name}].limits", limit.ToString(), $"must be less than or equal to pod limits of {most}");
                }
            }
        }
    }

    /// <summary>What all containers that run at the same time request, if any does.</summary>
    private static Quantity? OfContainers(JsonObject spec, string resource) => spec.Items("containers")
        .Concat(spec.Items("initContainers").Where(static container => container.Text("restartPolicy") == "Always"))
        .Aggregate((Quantity?)null, (sum, container) =>
            Quantity.TryParse(container.Object("resources")?.Object("requests")?.Text(resource), out var request) ? (sum ?? Quantity.Zero) + request : sum);

    private static void Hostname(JsonObject spec, string path, FieldErrors errors)
    {
        const int Longest = 64;
        if (spec.Text("hostnameOverride") is not { } name) { return; }
        if (spec.Flag("setHostnameAsFQDN") == true) { errors.Forbidden(path, "may not be specified when setHostnameAsFQDN is true"); }
        if (spec.Flag("hostNetwork") == true) { errors.Forbidden(path, "may not be specified when hostNetwork is true"); }
        if (name.Length > Longest) { errors.Add(FieldError.TooLong(path, Longest)); }
        errors.Check(path, name, ObjectNames.Dns1123Subdomain(name));
    }

    private static void Names(JsonObject spec, string path, FieldErrors errors)
    {
        Rules.Optional(spec, "serviceAccountName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Optional(spec, "nodeName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Between(spec, "activeDeadlineSeconds", 1, MaxInt32, path, errors);
        Rules.Optional(spec, "hostname", path, errors, ObjectNames.Dns1123Label);
        Rules.Optional(spec, "subdomain", path, errors, ObjectNames.Dns1123Label);
        PodPlacementValidation.Tolerations(spec, path, errors);
        HostAliases(spec, path, errors);
        Rules.Optional(spec, "priorityClassName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Optional(spec, "runtimeClassName", path, errors, ObjectNames.Dns1123Subdomain);
    }

    private static void Dns(JsonObject spec, string path, FieldErrors errors)
    {
        var config = spec.Object("dnsConfig");
        if (spec.Text("dnsPolicy") == "None" && config?.List("nameservers") is not { Count: > 0 })
        {
            errors.Add(config is null
                ? FieldError.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
                : FieldError.Required($"{path}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None"));
            return;
        }

        if (config is null) { return; }
        if (config.List("nameservers")?.Count > 3) { errors.Invalid($"{path}.nameservers", config["nameservers"], "must not have more than 3 nameservers"); }
        foreach (var (index, server) in config.Texts("nameservers").Index()) { errors.Check($"{path}.nameservers[{index}]", server, AddressRules.Ip(server)); }
        if (config.List("searches")?.Count > 32) { errors.Invalid($"{path}.searches", config["searches"], "must not have more than 32 search paths"); }
        if (string.Join(' ', config.Texts("searches")).Length > 2048) { errors.Invalid($"{path}.searches", config["searches"], "must not have more than 2048 characters (including spaces) in the search list"); }
        foreach (var (index, search) in config.Texts("searches").Index())
        {
            var name = search.EndsWith('.') ? search[..^1] : search;
            if (search != ".") { errors.Check($"{path}.searches[{index}]", name, ObjectNames.Dns1123SubdomainWithUnderscore(name)); }
        }

        foreach (var (index, _) in config.Items("options").Index().Where(static option => !option.Item.Has("name"))) { errors.Required($"{path}.options[{index}]", "must not be empty"); }
    }

    private static void HostAliases(JsonObject spec, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var alias in spec.Items("hostAliases"))
        {
            var at = $"{path}.hostAliases[{index++}]";
            errors.Check($"{at}.ip", alias.Text("ip") ?? "", AddressRules.Ip(alias.Text("ip") ?? ""));
            foreach (var (place, name) in alias.Texts("hostnames").Index())
            {
                errors.Check($"{at}.hostnames[{place}]", name, ObjectNames.Dns1123Subdomain(name));
            }
        }
    }

    private static void Gates(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var (index, gate) in spec.Items("readinessGates").Index())
        {
            errors.Check($"{path}.readinessGates[{index}].conditionType", gate.Text("conditionType") ?? "", ObjectNames.QualifiedName(gate.Text("conditionType") ?? ""));
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, gate) in spec.Items("schedulingGates").Index())
        {
            var (at, name) = ($"{path}.schedulingGates[{index}]", gate.Text("name") ?? "");
            errors.Check(at, name, ObjectNames.QualifiedName(name));
            if (!seen.Add(name)) { errors.Duplicate(at, name); }
        }
    }
}
