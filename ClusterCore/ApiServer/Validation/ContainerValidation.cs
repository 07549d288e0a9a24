using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Containers of all kinds.</summary>
internal static class ContainerValidation
{
    private const string NeedsPolicy = "must specify restartPolicy when restart rules are used";
    private static readonly string[] onlyForRestartable = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];

    private static readonly string[] notForEphemeral =
        ["ports", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

    public static void All(JsonObject spec, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (spec.List("containers") is not { Count: > 0 }) { errors.Required($"{path}.containers"); }
        foreach (var (index, container) in spec.Items("containers").Index())
        {
            var at = $"{path}.containers[{index}]";
            Common(container, spec, volumes, at, errors);
            if (!names.Add(container.Text("name") ?? "")) { errors.Duplicate($"{at}.name", container.Text("name")); }
            ProbeValidation.Probes(container, spec, at, errors);
            RestartPolicy(container, at, errors);
        }

        PortValidation.HostPorts(spec.Items("containers"), $"{path}.containers", errors);
        foreach (var (index, container) in spec.Items("initContainers").Index())
        {
            var at = $"{path}.initContainers[{index}]";
            Common(container, spec, volumes, at, errors);
            if (container["restartPolicy"] is not null) { RestartPolicy(container, at, errors); }
            else if (container.List("restartPolicyRules") is { Count: > 0 }) { errors.Required($"{at}.restartPolicy", NeedsPolicy); }
            if (container.Text("name") is { Length: > 0 } name && !names.Add(name)) { errors.Duplicate($"{at}.name", name); }
            PortValidation.HostPorts([container], $"{path}.initContainers", errors);
            InitContainer(container, spec, at, errors);
        }

        Ephemeral(spec, volumes, path, errors);
    }

    /// <summary>Containers for debugging, which can do less than others.</summary>
    public static void Ephemeral(JsonObject spec, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var others = spec.Items("containers").Concat(spec.Items("initContainers")).Select(static container => container.Text("name") ?? "").ToHashSet(StringComparer.Ordinal);
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        foreach (var (index, container) in spec.Items("ephemeralContainers").Index())
        {
            var at = $"{path}.ephemeralContainers[{index}]";
            Common(container, spec, volumes, at, errors);
            Image(container, at, errors);
            if (!names.Add(container.Text("name") ?? "")) { errors.Duplicate($"{at}.name", container.Text("name") ?? ""); }
            if (container.Text("targetContainerName") is { Length: > 0 } target && !others.Contains(target))
            {
                errors.Add(FieldError.NotFound($"{at}.targetContainerName", target));
            }

            NotForEphemeral(container, at, errors);
        }
    }

    /// <summary>What a template may leave open: it is no image's name with blanks around it.</summary>
    public static void Image(JsonObject container, string path, FieldErrors errors)
    {
        var image = container.Text("image") ?? "";
        errors.Check($"{path}.image", image, image.Trim().Length == image.Length ? null : "must not have leading or trailing whitespace");
    }

    private static void Common(JsonObject container, JsonObject spec, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        Rules.Required(container, "name", path, errors, ObjectNames.Dns1123Label);
        Rules.Required(container, "image", path, errors);
        Rules.RequiredOneOf(container, "terminationMessagePolicy", path, errors, "File", "FallbackToLogsOnError");
        PortValidation.Ports(container, path, errors);
        EnvironmentValidation.Variables(container, path, errors);
        MountValidation.Mounts(container, volumes, path, errors);
        MountValidation.Devices(container, volumes, path, errors);
        Rules.RequiredOneOf(container, "imagePullPolicy", path, errors, "Always", "IfNotPresent", "Never");
        ResourceValidation.Requirements(container.Object("resources"), $"{path}.resources", errors);
        PodClaimValidation.Uses(container.Object("resources"), spec, $"{path}.resources", errors);
        ResizePolicy(container, spec, $"{path}.resizePolicy", errors);
        PodSecurityValidation.Container(container.Object("securityContext"), PodSecurityValidation.UsesHostUsers(spec), $"{path}.securityContext", errors);
    }

    private static void NotForEphemeral(JsonObject container, string path, FieldErrors errors)
    {
        const string Detail = "cannot be set for an Ephemeral Container";
        foreach (var field in notForEphemeral.Where(field => container[field] is not null)) { errors.Forbidden($"{path}.{field}", Detail); }
        if (container.Object("resources") is { Count: > 0 }) { errors.Forbidden($"{path}.resources", Detail); }
        foreach (var (index, mount) in container.Items("volumeMounts").Index())
        {
            foreach (var field in (ReadOnlySpan<string>)["subPath", "subPathExpr"])
            {
                if (mount.Has(field)) { errors.Forbidden($"{path}.volumeMounts[{index}].{field}", Detail); }
            }
        }
    }

    private static void ResizePolicy(JsonObject container, JsonObject spec, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, policy) in container.Items("resizePolicy").Index())
        {
            var (resource, restart) = (policy.Text("resourceName") ?? "", policy.Text("restartPolicy") ?? "");
            if (!seen.Add(resource)) { errors.Duplicate($"{path}[{index}]", resource); }
            OneOf(resource, ["cpu", "memory"]);
            OneOf(restart, ["NotRequired", "RestartContainer"]);
            if (spec.Text("restartPolicy") == "Never" && restart != "NotRequired") { errors.Invalid(path, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"); }
        }

        void OneOf(string value, string[] supported)
        {
            if (value.Length == 0) { errors.Required(path); }
            else if (!supported.Contains(value, StringComparer.Ordinal)) { errors.NotSupported(path, value, supported); }
        }
    }

    /// <summary>A container's own policy, and what ends of it are told apart by.</summary>
    private static void RestartPolicy(JsonObject container, string path, FieldErrors errors)
    {
        Rules.OneOf(container, "restartPolicy", path, errors, "Always", "Never", "OnFailure");
        if (container.List("restartPolicyRules") is not { Count: > 0 } rules) { return; }
        if (container["restartPolicy"] is null) { errors.Required($"{path}.restartPolicy", NeedsPolicy); }
        if (rules.Count > 20) { errors.Add(FieldError.TooMany($"{path}.restartPolicyRules", rules.Count, 20)); }
        foreach (var (index, rule) in container.Items("restartPolicyRules").Index())
        {
            var at = $"{path}.restartPolicyRules[{index}]";
            NotSupported(rule, "action", at, ["Restart", "RestartAllContainers"]);
            if (rule.Object("exitCodes") is not { } codes)
            {
                errors.Required($"{at}.exitCodes", "must be specified");
                continue;
            }

            NotSupported(codes, "operator", $"{at}.exitCodes", ["In", "NotIn"]);
            if (codes.List("values")?.Count is > 255 and var count) { errors.Add(FieldError.TooMany($"{at}.exitCodes.values", count, 255)); }
        }

        void NotSupported(JsonObject holder, string field, string at, string[] supported)
        {
            if (!supported.Contains(holder.Text(field), StringComparer.Ordinal)) { errors.NotSupported($"{at}.{field}", holder.Text(field) ?? "", supported); }
        }
    }

    private static void InitContainer(JsonObject container, JsonObject spec, string path, FieldErrors errors)
    {
        if (container.Text("restartPolicy") == "Always")
        {
            ProbeValidation.Probes(container, spec, path, errors);
            return;
        }

        foreach (var field in onlyForRestartable.Where(field => container[field] is not null))
        {
            errors.Forbidden($"{path}.{field}", "may not be set for init containers without restartPolicy=Always");
        }

        foreach (var (index, policy) in container.Items("resizePolicy").Index().Where(static entry => entry.Item.Text("restartPolicy") == "RestartContainer"))
        {
            errors.Invalid($"{path}.resizePolicy[{index}].restartPolicy", policy.Text("restartPolicy"), "must not be set to 'RestartContainer' for non-sidecar initContainers");
        }
    }
}
