using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class VolumeValidation
{
    private const string FileMode = "must be a number between 0 and 0777 (octal), both inclusive";

    /// <returns>The volumes by name: mounts must name one.</returns>
    public static Dictionary<string, JsonObject> Volumes(JsonObject spec, string path, FieldErrors errors)
    {
        var volumes = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var index = 0;
        foreach (var volume in spec.Items("volumes"))
        {
            var at = $"{path}.volumes[{index++}]";
            Rules.Required(volume, "name", at, errors, ObjectNames.Dns1123Label);
            var name = volume.Text("name") ?? "";
            if (name.Length > 0 && !volumes.TryAdd(name, volume))
            {
                errors.Duplicate($"{at}.name", name);
            }

            Source(volume, at, errors);
        }

        return volumes;
    }

    /// <summary>A file's mode bits.</summary>
    public static void Mode(JsonObject obj, string name, string path, FieldErrors errors)
    {
        if (obj.Number(name) is { } mode and (< 0 or > 511))
        {
            errors.Invalid($"{path}.{name}", mode, FileMode);
        }
    }

    public static void HostPath(JsonObject hostPath, string path, FieldErrors errors)
    {
        Rules.Required(hostPath, "path", path, errors);
        Rules.NoBacksteps(hostPath.Text("path") ?? "", $"{path}.path", errors);
        Rules.OneOf(
            hostPath, "type", path, errors, "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket");
    }

    private static void Source(JsonObject volume, string path, FieldErrors errors)
    {
        var sources = volume.Where(static member => member.Key != "name" && member.Value is not null).ToList();
        if (sources.Count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }

        foreach (var (name, _) in sources.Skip(1))
        {
            errors.Forbidden($"{path}.{name}", "may not specify more than 1 volume type");
        }

        if (sources is [{ Key: var kind, Value: JsonObject source }, ..])
        {
            Source(kind, source, $"{path}.{kind}", errors);
        }
    }

    private static void Source(string kind, JsonObject source, string path, FieldErrors errors)
    {
        switch (kind)
        {
            case "emptyDir":
                if (Quantity.TryParse(source.Text("sizeLimit"), out var limit) && limit.Sign < 0)
                {
                    errors.Forbidden($"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity");
                }

                break;
            case "hostPath":
                HostPath(source, path, errors);
                break;
            case "secret":
                Rules.Required(source, "secretName", path, errors);
                Files(source, path, errors);
                break;
            case "configMap":
                Rules.Required(source, "name", path, errors);
                Files(source, path, errors);
                break;
            case "downwardAPI":
                Mode(source, "defaultMode", path, errors);
                DownwardFiles(source, path, errors);
                break;
            case "persistentVolumeClaim":
                Rules.Required(source, "claimName", path, errors);
                break;
            case "projected":
                Projected(source, path, errors);
                break;
            case "nfs":
                Rules.Required(source, "server", path, errors);
                Rules.Required(source, "path", path, errors);
                if (source.Text("path") is { Length: > 0 } export && export[0] != '/')
                {
                    errors.Invalid($"{path}.path", export, "must be an absolute path");
                }

                break;
            case "csi":
                Rules.Required(source, "driver", path, errors);
                break;
            case "ephemeral":
                Ephemeral(source, path, errors);
                break;
        }
    }

    private static void Ephemeral(JsonObject source, string path, FieldErrors errors)
    {
        if (source.Object("volumeClaimTemplate") is not { } template)
        {
            errors.Required($"{path}.volumeClaimTemplate");
            return;
        }

        foreach (var (field, _) in template.Metadata()?.Where(static member => member.Key is not ("labels" or "annotations")) ?? [])
        {
            errors.Forbidden($"{path}.volumeClaimTemplate.metadata.{field}", "cannot be set for an ephemeral volume");
        }

        MetadataValidation.Labels(template.Metadata()?.Object("labels"), $"{path}.volumeClaimTemplate.metadata.labels", errors);
        MetadataValidation.Annotations(template.Metadata()?.Object("annotations"), $"{path}.volumeClaimTemplate.metadata.annotations", errors);
        StorageValidation.ClaimSpec(template.Spec() ?? [], $"{path}.volumeClaimTemplate.spec", errors);
    }

    private static void Files(JsonObject source, string path, FieldErrors errors)
    {
        Mode(source, "defaultMode", path, errors);
        var index = 0;
        foreach (var item in source.Items("items"))
        {
            var at = $"{path}.items[{index++}]";
            Rules.Required(item, "key", at, errors);
            Rules.Required(item, "path", at, errors);
            Rules.LocalPath(item, "path", at, errors);
            Mode(item, "mode", at, errors);
        }
    }

    private static void DownwardFiles(JsonObject source, string path, FieldErrors errors)
    {
        foreach (var file in source.Items("items"))
        {
            Rules.Required(file, "path", path, errors);
            Rules.LocalPath(file, "path", path, errors);
            if (file.Object("fieldRef") is not null && file.Object("resourceFieldRef") is not null)
            {
                errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
            else if (file.Object("fieldRef") is null && file.Object("resourceFieldRef") is null)
            {
                errors.Required(path, "one of fieldRef and resourceFieldRef is required");
            }

            Mode(file, "mode", path, errors);
        }
    }

    private static void Projected(JsonObject projected, string path, FieldErrors errors)
    {
        Mode(projected, "defaultMode", path, errors);
        var index = 0;
        foreach (var source in projected.Items("sources"))
        {
            var at = $"{path}.sources[{index++}]";
            if (source.Count == 0)
            {
                errors.Required(at, "must specify exactly one projection type");
            }
            else if (source.Count > 1)
            {
                errors.Forbidden(at, "may not specify more than 1 volume type");
            }

            foreach (var kind in (ReadOnlySpan<string>)["secret", "configMap"])
            {
                if (source.Object(kind) is { } files)
                {
                    Rules.Required(files, "name", $"{at}.{kind}", errors);
                    Files(files, $"{at}.{kind}", errors);
                }
            }

            if (source.Object("downwardAPI") is { } downward)
            {
                DownwardFiles(downward, $"{at}.downwardAPI", errors);
            }

            if (source.Object("serviceAccountToken") is { } token)
            {
                ServiceAccountToken(token, $"{at}.serviceAccountToken", errors);
            }
        }
    }

    private static void ServiceAccountToken(JsonObject token, string path, FieldErrors errors)
    {
        Rules.Required(token, "path", path, errors);
        Rules.LocalPath(token, "path", path, errors);
        if (token.Number("expirationSeconds") is < 600 and var seconds)
        {
            errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        }
        else if (token.Number("expirationSeconds") is > 1L << 32)
        {
            errors.Invalid($"{path}.expirationSeconds", token.Number("expirationSeconds"), "may not specify a duration larger than 2^32 seconds");
        }
    }
}
