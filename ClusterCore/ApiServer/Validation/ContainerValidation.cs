using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class ContainerValidation
{
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
                Name(container, names, at, errors);
                Image(container, at, errors);
                Container(container, volumes, at, errors);
                if (list == "initContainers")
                {
                    InitContainer(container, at, errors);
                }

                PortValidation.Ports(container, hostPorts, spec.Flag("hostNetwork") == true, at, errors);
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

    public static void Container(JsonObject container, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        Rules.RequiredOneOf(container, "terminationMessagePolicy", path, errors, "File", "FallbackToLogsOnError");
        Rules.RequiredOneOf(container, "imagePullPolicy", path, errors, "Always", "IfNotPresent", "Never");
        EnvironmentValidation.Variables(container, path, errors);
        VolumeMounts(container, volumes, path, errors);
        ProbeValidation.Probes(container, path, errors);
        ResourceValidation.Requirements(container.Object("resources"), $"{path}.resources", errors);
        SecurityContext(container.Object("securityContext"), $"{path}.securityContext", errors);
    }

    private static void Name(JsonObject container, HashSet<string> names, string path, FieldErrors errors)
    {
        Rules.Required(container, "name", path, errors, ObjectNames.Dns1123Label);
        if (container.Text("name") is { Length: > 0 } name && !names.Add(name))
        {
            errors.Duplicate($"{path}.name", name);
        }
    }

    private static void InitContainer(JsonObject container, string path, FieldErrors errors)
    {
        Rules.OneOf(container, "restartPolicy", path, errors, "Always", "OnFailure", "Never");
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

    private static void VolumeMounts(JsonObject container, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var mount in container.Items("volumeMounts"))
        {
            var at = $"{path}.volumeMounts[{index++}]";
            Rules.Required(mount, "name", at, errors);
            if (mount.Text("name") is { Length: > 0 } name && !volumes.ContainsKey(name))
            {
                errors.Add(FieldError.NotFound($"{at}.name", name));
            }

            Rules.Required(mount, "mountPath", at, errors);
            if (mount.Text("mountPath") is { } mountPath && !paths.Add(mountPath))
            {
                errors.Invalid($"{at}.mountPath", mountPath, "must be unique");
            }

            Rules.LocalPath(mount, "subPath", at, errors);
            if (mount.Has("subPath") && mount.Has("subPathExpr"))
            {
                errors.Invalid($"{at}.subPathExpr", mount.Text("subPathExpr"), "subPathExpr and subPath are mutually exclusive");
            }

            Rules.LocalPath(mount, "subPathExpr", at, errors);
            Rules.OneOf(mount, "mountPropagation", at, errors, "Bidirectional", "HostToContainer", "None");
            if (mount.Text("mountPropagation") == "Bidirectional" && container.Object("securityContext")?.Flag("privileged") != true)
            {
                errors.Forbidden($"{at}.mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
            }
        }
    }

    private static void SecurityContext(JsonObject? context, string path, FieldErrors errors)
    {
        if (context is null)
        {
            return;
        }

        Rules.Between(context, "runAsUser", 0, int.MaxValue, path, errors);
        Rules.Between(context, "runAsGroup", 0, int.MaxValue, path, errors);
        if (context.Flag("allowPrivilegeEscalation") != false)
        {
            return;
        }

        if (context.Flag("privileged") == true)
        {
            errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }

        if (context.Object("capabilities")?.Texts("add").Any(static capability => capability is "CAP_SYS_ADMIN") == true)
        {
            errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }
}
