using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>env and envFrom.</summary>
internal static class EnvironmentValidation
{
    private const string SeveralSources = "may not have more than one field specified at a time";

    private static readonly string[] fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
        "status.podIP", "status.podIPs",
    ];

    private static readonly string[] sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    public static void Variables(JsonObject container, string path, FieldErrors errors)
    {
        foreach (var (index, variable) in container.Items("env").Index())
        {
            var at = $"{path}.env[{index}]";
            Rules.Required(variable, "name", at, errors, ObjectNames.EnvironmentName);
            if (variable.Object("valueFrom") is { } source) { Source(source, variable.Has("value"), $"{at}.valueFrom", errors); }
        }

        foreach (var (index, source) in container.Items("envFrom").Index()) { From(source, $"{path}.envFrom", index, errors); }
    }

    /// <summary>Files that variables are read from lie in volumes that a container before can have written.</summary>
    public static void Files(JsonObject spec, Dictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        foreach (var (container, at) in PodSecurityValidation.Containers(spec, path))
        {
            foreach (var (index, variable) in container.Items("env").Index())
            {
                if (variable.Object("valueFrom")?.Object("fileKeyRef") is not { } reference) { continue; }
                var (field, name) = ($"{at}.env[{index}].valueFrom.fileKeyRef.volumeName", reference.Text("volumeName") ?? "");
                if (!volumes.TryGetValue(name, out var volume)) { errors.Add(FieldError.NotFound(field, name)); }
                else if (volume["emptyDir"] is null) { errors.Invalid(field, name, "referenced volume must be of type emptyDir"); }
            }
        }
    }

    private static void Source(JsonObject source, bool hasValue, string path, FieldErrors errors)
    {
        if (source.Object("fieldRef") is { } field) { FieldReferenceValidation.Field(field, fields, $"{path}.fieldRef", errors); }
        if (source.Object("resourceFieldRef") is { } resource) { FieldReferenceValidation.Resource(resource, inVolume: false, $"{path}.resourceFieldRef", errors); }
        foreach (var name in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
        {
            if (source.Object(name) is not { } reference) { continue; }
            errors.Check($"{path}.{name}.name", reference.Text("name") ?? "", ObjectNames.Dns1123Subdomain(reference.Text("name") ?? ""));
            Rules.Required(reference, "key", $"{path}.{name}", errors, ObjectNames.ConfigKey);
        }

        if (source.Object("fileKeyRef") is { } file)
        {
            Rules.Required(file, "key", $"{path}.fileKeyRef", errors, ObjectNames.EnvironmentName);
            Rules.Required(file, "volumeName", $"{path}.fileKeyRef", errors, ObjectNames.Dns1123Label);
            Rules.Required(file, "path", $"{path}.fileKeyRef", errors);
            Rules.NoBacksteps(file.Text("path") ?? "", $"{path}.fileKeyRef.path", errors);
        }

        var count = sources.Count(name => source[name] is not null);
        if (count == 0) { errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"); }
        else if (hasValue) { errors.Invalid(path, "", "may not be specified when `value` is not empty"); }
        else if (count > 1) { errors.Invalid(path, "", SeveralSources); }
    }

    private static void From(JsonObject source, string path, int index, FieldErrors errors)
    {
        Rules.Optional(source, "prefix", $"{path}[{index}]", errors, ObjectNames.EnvironmentName);
        var count = 0;
        foreach (var name in (ReadOnlySpan<string>)["configMapRef", "secretRef"])
        {
            if (source.Object(name) is not { } reference) { continue; }
            // Upstream takes such a name for the beginning of one.
            Rules.Required(reference, "name", $"{path}[{index}].{name}", errors, static name => NameRules.Prefix(ObjectNames.Dns1123Subdomain, name));
            count++;
        }

        // The list is named, not its member, as upstream does.
        if (count == 0) { errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"); }
        if (count > 1) { errors.Invalid(path, "", SeveralSources); }
    }
}
