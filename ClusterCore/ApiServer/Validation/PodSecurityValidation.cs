using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What pods and containers may ask of the machine they run on, and must not on one of another system.</summary>
internal static class PodSecurityValidation
{
    private const long MaxId = int.MaxValue;
    private static readonly string[] lists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>Of a pod that says it is for Windows: all that Linux alone knows, by where it is in the spec.</summary>
    private static readonly string[] notOnWindows =
    [
        "securityContext.appArmorProfile", "securityContext.seLinuxOptions", "hostUsers", "hostPID", "hostIPC", "securityContext.seccompProfile",
        "securityContext.fsGroup", "securityContext.fsGroupChangePolicy", "securityContext.sysctls", "shareProcessNamespace", "securityContext.runAsUser",
        "securityContext.runAsGroup", "securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy", "securityContext.seLinuxChangePolicy",
    ];

    private static readonly string[] notInWindowsContainers =
    [
        "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
        "procMount", "runAsUser", "runAsGroup",
    ];

    /// <summary>Every container with where it is, in the order of their start.</summary>
    public static IEnumerable<(JsonObject Container, string Path)> Containers(JsonObject spec, string path) =>
        lists.SelectMany(list => spec.Items(list).Select((container, index) => (container, $"{path}.{list}[{index}]")));

    public static bool UsesHostUsers(JsonObject spec) => spec.Flag("hostUsers") != false;

    public static void Pod(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Object("securityContext") is not { } context) { return; }
        var at = $"{path}.securityContext";
        foreach (var id in (ReadOnlySpan<string>)["fsGroup", "runAsUser", "runAsGroup"]) { Rules.Between(context, id, 0, MaxId, at, errors); }
        foreach (var (index, group) in (context.List("supplementalGroups") ?? []).Index())
        {
            if (group is not null && Rules.Number(group) is < 0 or > MaxId) { errors.Invalid($"{at}.supplementalGroups[{index}]", Rules.Number(group!), $"must be between 0 and {MaxId}, inclusive"); }
        }

        if (spec.Flag("shareProcessNamespace") == true && spec.Flag("hostPID") == true) { errors.Invalid($"{at}.shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled"); }
        Sysctls(spec, context, at, errors);
        Rules.OneOf(context, "fsGroupChangePolicy", at, errors, "Always", "OnRootMismatch");
        Seccomp(context.Object("seccompProfile"), $"{at}.seccompProfile", errors);
        WindowsOptionsValidation.Options(context.Object("windowsOptions"), $"{at}.windowsOptions", errors);
        AppArmor(context.Object("appArmorProfile"), $"{at}.appArmorProfile", errors);
        Rules.OneOf(context, "supplementalGroupsPolicy", at, errors, "Merge", "Strict");
        Rules.OneOf(context, "seLinuxChangePolicy", at, errors, "Recursive");
    }

    public static void Container(JsonObject? context, bool usesHostUsers, string path, FieldErrors errors)
    {
        if (context is null) { return; }
        Rules.Between(context, "runAsUser", 0, MaxId, path, errors);
        Rules.Between(context, "runAsGroup", 0, MaxId, path, errors);
        Rules.OneOf(context, "procMount", path, errors, "Default", "Unmasked");
        if (usesHostUsers && context.Text("procMount") == "Unmasked") { errors.Invalid($"{path}.procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`"); }
        Seccomp(context.Object("seccompProfile"), $"{path}.seccompProfile", errors);
        Escalation(context, path, errors);
        WindowsOptionsValidation.Options(context.Object("windowsOptions"), $"{path}.windowsOptions", errors);
        AppArmor(context.Object("appArmorProfile"), $"{path}.appArmorProfile", errors);
    }

    /// <summary>A pod with users of its own shares none of the host's other namespaces.</summary>
    public static void HostUsers(JsonObject spec, string path, FieldErrors errors)
    {
        if (UsesHostUsers(spec)) { return; }
        foreach (var (field, shown) in (ReadOnlySpan<(string, string)>)[("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")])
        {
            if (spec.Flag(field) == true) { errors.Forbidden($"{path}.{shown}", "when `hostUsers` is false"); }
        }
    }

    public static void OperatingSystem(JsonObject spec, string path, FieldErrors errors)
    {
        switch (spec.Object("os"))
        {
            case null: break;
            case var os when !os.Has("name"): errors.Required($"{path}.os.name"); break;
            case var os when os.Text("name") == "linux": Linux(spec, path, errors); break;
            case var os when os.Text("name") == "windows": Windows(spec, path, errors); break;
            case var os: errors.NotSupported($"{path}.os", os.Text("name"), ["linux", "windows"]); break;
        }
    }

    /// <summary>Profiles were annotations once: where both are given, they are the same.</summary>
    public static void Annotations(JsonObject pod, FieldErrors errors)
    {
        const string appArmor = AppArmorProfiles.Annotation;
        if (pod.Metadata()?.Object("annotations") is not { } annotations) { return; }
        var spec = pod.Spec() ?? [];
        foreach (var (key, value) in annotations.Where(static annotation => annotation.Key.StartsWith(appArmor, StringComparison.Ordinal)))
        {
            var (at, name, profile) = ($"metadata.annotations[{key}]", key[appArmor.Length..], value?.ToString() ?? "");
            if (!Containers(spec, "spec").Any(one => one.Container.Text("name") == name)) { errors.Invalid(at, name, "container not found"); }
            if (profile is not ("" or "runtime/default" or "unconfined") && !profile.StartsWith("localhost/", StringComparison.Ordinal))
            {
                errors.Invalid(at, profile, $"invalid AppArmor profile name: {FieldError.Quote(profile)}");
            }
        }

        if (spec.Object("os")?.Text("name") == "windows") { return; }
        foreach (var (container, path) in Containers(spec, "spec"))
        {
            var profile = container.Object("securityContext")?.Object("appArmorProfile") ?? spec.Object("securityContext")?.Object("appArmorProfile");
            if (profile is not null && annotations.Text(appArmor + container.Text("name")) is { } annotation)
            {
                SameProfile(profile, annotation, "apparmor", $"{path}.securityContext.appArmorProfile", errors);
            }
        }
    }

    private static void SameProfile(JsonObject profile, string annotation, string what, string path, FieldErrors errors)
    {
        const string localhost = "localhost/";
        var isSameType = profile.Text("type") switch
        {
            "Unconfined" => annotation == "unconfined",
            "RuntimeDefault" => annotation == "runtime/default",
            "Localhost" => annotation.StartsWith(localhost, StringComparison.Ordinal),
            _ => true,
        };
        if (!isSameType) { errors.Forbidden($"{path}.type", $"{what} type in annotation and field must match"); }
        else if (profile.Text("type") == "Localhost" && profile.Text("localhostProfile") != annotation[localhost.Length..])
        {
            errors.Forbidden($"{path}.localhostProfile", $"{what} profile in annotation and field must match");
        }
    }

    private static void Sysctls(JsonObject spec, JsonObject context, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, sysctl) in context.Items("sysctls").Index())
        {
            var (at, name) = ($"{path}.sysctls[{index}].name", sysctl.Text("name") ?? "");
            if (name.Length == 0) { errors.Required(at); }
            else if (!IsSysctl(name)) { errors.Invalid(at, name, "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"); }
            else if (!names.Add(name)) { errors.Duplicate(at, name); }

            var dotted = name.Replace('/', '.');
            if (spec.Flag("hostNetwork") == true && dotted.StartsWith("net.", StringComparison.Ordinal)) { errors.Invalid(at, name, "may not be specified when 'hostNetwork' is true"); }
            else if (spec.Flag("hostIPC") == true && IsOfIpc(dotted)) { errors.Invalid(at, name, "may not be specified when 'hostIPC' is true"); }
        }
    }

    private static bool IsOfIpc(string name) =>
        name == "kernel.sem" || name.StartsWith("kernel.shm", StringComparison.Ordinal) || name.StartsWith("kernel.msg", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal);

    private static bool IsSysctl(string name) => name.Length <= 253 && name.Split('.', '/').All(static part =>
        part.Length > 0 && part.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_') && part[0] is not ('-' or '_') && part[^1] is not ('-' or '_'));

    /// <summary>As upstream's types write it.</summary>
    private static JsonObject Shown(JsonObject profile) =>
        new() { ["Type"] = profile.Text("type") ?? "", ["LocalhostProfile"] = profile["localhostProfile"]?.DeepClone() };

    private static void Seccomp(JsonObject? profile, string path, FieldErrors errors)
    {
        if (profile is null) { return; }
        if (!profile.Has("type")) { errors.Required($"{path}.type", "type is required when seccompProfile is set"); }
        Rules.OneOf(profile, "type", path, errors, ProfileTypes(profile));
        if (profile.Text("type") != "Localhost")
        {
            if (profile["localhostProfile"] is not null) { errors.Invalid($"{path}.localhostProfile", Shown(profile), "can only be set when seccomp type is Localhost"); }
        }
        else if (profile["localhostProfile"] is null) { errors.Required($"{path}.localhostProfile", "must be set when seccomp type is Localhost"); }
        else { Rules.LocalPath(profile, "localhostProfile", path, errors); }
    }

    /// <summary>An empty type is missing, not unsupported.</summary>
    private static string[] ProfileTypes(JsonObject profile) => profile.Has("type") ? ["Localhost", "RuntimeDefault", "Unconfined"] : [""];

    private static void AppArmor(JsonObject? profile, string path, FieldErrors errors)
    {
        const string missing = "must be set when AppArmor type is Localhost";
        if (profile is null) { return; }
        if (!profile.Has("type")) { errors.Required($"{path}.type", "type is required when appArmorProfile is set"); }
        Rules.OneOf(profile, "type", path, errors, ProfileTypes(profile));
        var name = profile.Text("localhostProfile");
        switch (profile.Text("type"))
        {
            case "Localhost" when name is null or "": errors.Required($"{path}.localhostProfile", missing); break;
            case "Localhost":
                if (name.Trim() != name) { errors.Invalid($"{path}.localhostProfile", name, "must not be padded with whitespace"); }
                if (name.Length > 4095) { errors.Add(FieldError.TooLong($"{path}.localhostProfile", 4095)); }
                break;
            case "RuntimeDefault" or "Unconfined" when name is not null: errors.Invalid($"{path}.localhostProfile", name, "can only be set when AppArmor type is Localhost"); break;
        }
    }

    private static void Escalation(JsonObject context, string path, FieldErrors errors)
    {
        if (context.Flag("allowPrivilegeEscalation") != false) { return; }
        if (context.Flag("privileged") == true) { errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"); }
        foreach (var _ in context.Object("capabilities")?.Texts("add").Where(static capability => capability == "CAP_SYS_ADMIN") ?? [])
        {
            errors.Invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    private static void Linux(JsonObject spec, string path, FieldErrors errors)
    {
        const string wrong = "windows options cannot be set for a linux pod";
        if (spec.Object("securityContext")?["windowsOptions"] is not null) { errors.Forbidden($"{path}.securityContext.windowsOptions", wrong); }
        foreach (var (_, at) in Containers(spec, path).Where(static one => one.Container.Object("securityContext")?["windowsOptions"] is not null))
        {
            errors.Forbidden($"{at}.securityContext.windowsOptions", wrong);
        }
    }

    private static void Windows(JsonObject spec, string path, FieldErrors errors)
    {
        const string wrong = "cannot be set for a windows pod";
        foreach (var field in notOnWindows)
        {
            var parts = field.Split('.');
            var value = parts.Length == 1 ? spec[field] : spec.Object(parts[0])?[parts[1]];
            // The host's namespaces may be said not to be shared.
            var isSet = field is "hostPID" or "hostIPC" ? spec.Flag(field) == true : field.EndsWith(".sysctls", StringComparison.Ordinal) ? value is JsonArray { Count: > 0 } : value is not null;
            if (isSet) { errors.Forbidden($"{path}.{field}", wrong); }
        }

        foreach (var (container, at) in Containers(spec, path))
        {
            foreach (var field in notInWindowsContainers.Where(field => container.Object("securityContext")?[field] is not null)) { errors.Forbidden($"{at}.securityContext.{field}", wrong); }
        }
    }
}
