using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Containers of all kinds.</summary>
internal static class ContainerValidation
{
    private static readonly IReadOnlyList<string> linuxSignals =
        (ApiCatalog.Default.Type("k8s.io.api.core.v1.Lifecycle")!.Field("stopSignal")!).Enum;

    private static readonly string[] OnlyForRestartable = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];

    public static void All(JsonObject spec, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var hostPorts = new HashSet<string>(StringComparer.Ordinal);
        if (spec.List("containers") is not { Count: > 0 })
        {
            errors.Required($"{path}.containers");
        }

        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var index = 0;
            foreach (var container in spec.Items(list))
            {
                var at = $"{path}.{list}[{index++}]";
                Rules.Required(container, "name", at, errors, ObjectNames.Dns1123Label);
                Rules.Required(container, "image", at, errors);
                Container(container, spec, volumes, at, errors);
                PortValidation.Ports(container, hostPorts, spec.Flag("hostNetwork") == true, at, errors);
                if (container.Text("name") is { Length: > 0 } name && !names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }

                if (list == "initContainers")
                {
                    InitContainer(container, at, errors);
                }

                RestartPolicy(container, at, errors);
                StopSignal(container, spec, at, errors);
            }
        }
    }

    public static void Image(JsonObject container, string path, FieldErrors errors)
    {
        var image = container.Text("image") ?? "";
        if (image.Length == 0)
        {
            errors.Required($"{path}.image");
        }
        else if (image.Trim().Length != image.Length)
        {
            errors.Invalid($"{path}.image", image, "must not have leading or trailing whitespace");
        }
    }

    public static void Container(JsonObject container, JsonObject spec, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        Rules.RequiredOneOf(container, "terminationMessagePolicy", path, errors, "File", "FallbackToLogsOnError");
        EnvironmentValidation.Variables(container, path, errors);
        MountValidation.Mounts(container, volumes, path, errors);
        MountValidation.Devices(container, volumes, path, errors);
        Rules.RequiredOneOf(container, "imagePullPolicy", path, errors, "Always", "IfNotPresent", "Never");
        ResourceValidation.Requirements(container.Object("resources"), $"{path}.resources", errors);
        PodClaimValidation.Uses(container.Object("resources"), spec, $"{path}.resources", errors);
        ResizePolicy(container, spec, $"{path}.resizePolicy", errors);
        PodSecurityValidation.Container(container.Object("securityContext"), PodSecurityValidation.UsesHostUsers(spec), $"{path}.securityContext", errors);
        ProbeValidation.Probes(container, path, errors);
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
            if (spec.Text("restartPolicy") == "Never" && restart != "NotRequired") { errors.Invalid(path, restart, "must be 'NotRequired' when `restartPolicy` is 'Never'"); }
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
        Rules.OneOf(container, "restartPolicy", path, errors, "Always", "OnFailure", "Never");
        if (container.List("restartPolicyRules") is not { Count: > 0 } rules) { return; }
        if (container["restartPolicy"] is null) { errors.Required($"{path}.restartPolicy", "must specify restartPolicy when restart rules are used"); }
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

    /// <summary>Signals are those of the system that the pod says it is for.</summary>
    private static void StopSignal(JsonObject container, JsonObject spec, string path, FieldErrors errors)
    {
        if (container.Object("lifecycle")?.Text("stopSignal") is not { } signal) { return; }
        var at = $"{path}.lifecycle.stopSignal";
        switch (spec.Object("os")?.Text("name"))
        {
            case null or "": errors.Forbidden(at, "may not be set for containers with empty `spec.os.name`"); break;
            case "windows" when signal is not ("SIGKILL" or "SIGTERM"): errors.NotSupported(at, signal, ["SIGKILL", "SIGTERM"]); break;
            case "linux" when !linuxSignals.Contains(signal, StringComparer.Ordinal): errors.NotSupported(at, signal, linuxSignals.Order(StringComparer.Ordinal)); break;
        }
    }

    private static void InitContainer(JsonObject container, string path, FieldErrors errors)
    {
        if (container.Text("restartPolicy") == "Always")
        {
            return;
        }

        foreach (var field in OnlyForRestartable)
        {
            if (container[field] is not null)
            {
                errors.Forbidden($"{path}.{field}", "may not be set for init containers without restartPolicy=Always");
            }
        }
    }
}
