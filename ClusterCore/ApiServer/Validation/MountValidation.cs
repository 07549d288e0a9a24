using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Volumes in a container: as directories and files, or raw as devices. Upstream leaves the index out of some paths.</summary>
internal static class MountValidation
{
    public static void Mounts(JsonObject container, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var (deviceNames, devicePaths) = Taken(container, "volumeDevices", "devicePath");
        var all = $"{path}.volumeMounts";
        foreach (var (index, mount) in container.Items("volumeMounts").Index())
        {
            var at = $"{all}[{index}]";
            var (name, mountPath) = (mount.Text("name") ?? "", mount.Text("mountPath") ?? "");
            Rules.Required(mount, "name", at, errors);
            if (!volumes.TryGetValue(name, out var volume)) { errors.Add(FieldError.NotFound($"{at}.name", name)); }
            Rules.Required(mount, "mountPath", at, errors);
            if (!paths.Add(mountPath)) { errors.Invalid($"{at}.mountPath", mountPath, "must be unique"); }
            if (deviceNames.Contains(name)) { errors.Invalid($"{at}.name", name, "must not already exist in volumeDevices"); }
            if (devicePaths.Contains(mountPath)) { errors.Invalid($"{at}.mountPath", mountPath, "must not already exist as a path in volumeDevices"); }
            Rules.LocalPath(mount, "subPath", all, errors);
            if (mount.Has("subPath") && mount.Has("subPathExpr")) { errors.Invalid($"{at}.subPathExpr", mount.Text("subPathExpr"), "subPathExpr and subPath are mutually exclusive"); }
            Rules.LocalPath(mount, "subPathExpr", all, errors);
            Propagation(mount, container, all, errors);
            ReadOnly(mount, $"{all}.recursiveReadOnly", errors);
        }
    }

    public static void Devices(JsonObject container, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var (names, paths) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var (mountNames, mountPaths) = Taken(container, "volumeMounts", "mountPath");
        foreach (var (index, device) in container.Items("volumeDevices").Index())
        {
            var at = $"{path}.volumeDevices[{index}]";
            var (name, devicePath) = (device.Text("name") ?? "", device.Text("devicePath") ?? "");
            Rules.Required(device, "name", at, errors);
            if (name.Length > 0 && !names.Add(name)) { errors.Invalid($"{at}.name", name, "must be unique"); }
            if (!volumes.TryGetValue(name, out var volume)) { errors.Add(FieldError.NotFound($"{at}.name", name)); }
            else if (volume["persistentVolumeClaim"] is null && volume["ephemeral"] is null)
            {
                errors.Invalid($"{at}.name", name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }

            Rules.Required(device, "devicePath", at, errors);
            var leadsOut = devicePath.Split('/').Contains("..", StringComparer.Ordinal);
            if (!leadsOut && !paths.Add(devicePath)) { errors.Invalid($"{at}.devicePath", devicePath, "must be unique"); }
            if (leadsOut) { errors.Invalid($"{at}.devicePath", devicePath, "can not contain backsteps ('..')"); }
            if (mountNames.Contains(name)) { errors.Invalid($"{at}.name", name, "must not already exist in volumeMounts"); }
            if (mountPaths.Contains(devicePath)) { errors.Invalid($"{at}.devicePath", devicePath, "must not already exist as a path in volumeMounts"); }
        }
    }

    private static (HashSet<string> Names, HashSet<string> Paths) Taken(JsonObject container, string list, string path) => (
        container.Items(list).Select(static one => one.Text("name")).OfType<string>().ToHashSet(StringComparer.Ordinal),
        container.Items(list).Select(one => one.Text(path)).OfType<string>().ToHashSet(StringComparer.Ordinal));

    private static void Propagation(JsonObject mount, JsonObject container, string path, FieldErrors errors)
    {
        Rules.OneOf(mount, "mountPropagation", path, errors, "Bidirectional", "HostToContainer", "None");
        if (mount.Text("mountPropagation") == "Bidirectional" && container.Object("securityContext")?.Flag("privileged") != true)
        {
            errors.Forbidden($"{path}.mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
        }
    }

    private static void ReadOnly(JsonObject mount, string path, FieldErrors errors)
    {
        if (mount.Text("recursiveReadOnly") is not { } recursive || recursive == "Disabled") { return; }
        if (recursive is not ("Enabled" or "IfPossible"))
        {
            errors.NotSupported(path, recursive, ["Disabled", "Enabled", "IfPossible"]);
            return;
        }

        if (mount.Flag("readOnly") != true) { errors.Forbidden(path, "may only be specified when readOnly is true"); }
        if (mount.Text("mountPropagation") is not (null or "None")) { errors.Forbidden(path, "may only be specified when mountPropagation is None or not specified"); }
    }
}
