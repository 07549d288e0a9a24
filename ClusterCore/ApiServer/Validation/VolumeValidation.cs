using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class VolumeValidation
{
    private const string FileMode = "must be a number between 0 and 0777 (octal), both inclusive";

    private static readonly string[] told = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    /// <summary>In the order in which the first that is set counts as the volume's own, and what each must say at least.</summary>
    private static readonly OrderedDictionary<string, string[]> kinds = new(StringComparer.Ordinal)
    {
        ["emptyDir"] = [],
        ["hostPath"] = [],
        ["gitRepo"] = ["repository"],
        ["gcePersistentDisk"] = ["pdName"],
        ["awsElasticBlockStore"] = ["volumeID"],
        ["secret"] = ["secretName"],
        ["nfs"] = ["server", "path"],
        ["iscsi"] = ["targetPortal", "iqn"],
        ["glusterfs"] = ["endpoints", "path"],
        ["flocker"] = [],
        ["persistentVolumeClaim"] = ["claimName"],
        ["rbd"] = ["monitors", "image"],
        ["cinder"] = ["volumeID"],
        ["cephfs"] = ["monitors"],
        ["quobyte"] = ["volume"],
        ["downwardAPI"] = [],
        ["fc"] = [],
        ["flexVolume"] = ["driver"],
        ["configMap"] = ["name"],
        ["azureFile"] = ["secretName", "shareName"],
        ["vsphereVolume"] = ["volumePath"],
        ["photonPersistentDisk"] = ["pdID"],
        ["portworxVolume"] = ["volumeID"],
        ["azureDisk"] = ["diskName", "diskURI"],
        ["storageos"] = ["volumeName"],
        ["projected"] = [],
        ["scaleIO"] = ["gateway", "system", "volumeName"],
        ["csi"] = [],
        ["ephemeral"] = [],
        ["image"] = [],
    };

    /// <returns>The volumes by name: mounts must name one.</returns>
    public static Dictionary<string, JsonObject> Volumes(JsonObject spec, string path, FieldErrors errors)
    {
        var volumes = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            var (at, name, before) = ($"{path}.volumes[{index}]", volume.Text("name") ?? "", errors.List.Count);
            Source(volume, at, errors);
            Rules.Required(volume, "name", at, errors, ObjectNames.Dns1123Label);
            if (volumes.ContainsKey(name)) { errors.Duplicate($"{at}.name", name); }
            // What is no good is nothing to mount either.
            if (errors.List.Count == before) { volumes.Add(name, volume); }
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
        if (!hostPath.Has("path"))
        {
            errors.Required($"{path}.path");
            return;
        }

        Rules.NoBacksteps(hostPath.Text("path") ?? "", $"{path}.path", errors);
        Rules.OneOf(
            hostPath, "type", path, errors, "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket");
    }

    private static void Source(JsonObject volume, string path, FieldErrors errors)
    {
        var own = "";
        foreach (var (kind, required) in kinds)
        {
            if (volume.Object(kind) is not { } source) { continue; }
            if (own.Length > 0)
            {
                errors.Forbidden($"{path}.{kind}", "may not specify more than 1 volume type");
                continue;
            }

            own = kind;
            // One kind's path is not its name.
            var at = $"{path}.{(kind == "gcePersistentDisk" ? "persistentDisk" : kind)}";
            foreach (var field in required.Where(field => !source.Has(field) && source.List(field) is not { Count: > 0 })) { errors.Required($"{at}.{field}"); }
            Source(kind, source, at, errors);
        }

        if (own.Length == 0) { errors.Required(path, "must specify a volume type"); }
    }

    private static void Source(string kind, JsonObject source, string path, FieldErrors errors)
    {
        switch (kind)
        {
            case "emptyDir" when Quantity.TryParse(source.Text("sizeLimit"), out var limit) && limit.Sign < 0:
                errors.Forbidden($"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity");
                break;
            case "hostPath":
                HostPath(source, path, errors);
                break;
            case "secret" or "configMap":
                Mode(source, "defaultMode", path, errors);
                Files(source, path, errors);
                break;
            case "downwardAPI":
                Mode(source, "defaultMode", path, errors);
                DownwardFiles(source, path, errors);
                break;
            case "projected":
                Projected(source, path, errors);
                break;
            case "csi":
                Csi(source, path, errors);
                break;
            case "ephemeral":
                Ephemeral(source, path, errors);
                break;
            case "image":
                Rules.RequiredOneOf(source, "pullPolicy", path, errors, "Always", "IfNotPresent", "Never");
                break;
            default:
                VolumeSourceValidation.Check(kind, source, path, errors);
                break;
        }
    }

    private static void Csi(JsonObject source, string path, FieldErrors errors)
    {
        DriverNames.Driver(source.Text("driver"), $"{path}.driver", errors);
        if (source.Object("nodePublishSecretRef") is not { } secret) { return; }
        if (!secret.Has("name")) { errors.Required($"{path}.nodePublishSecretRef.name"); }
        else { Rules.Optional(secret, "name", path, errors, ObjectNames.Dns1123Subdomain); }
    }

    private static void Ephemeral(JsonObject source, string path, FieldErrors errors)
    {
        if (source.Object("volumeClaimTemplate") is not { } template)
        {
            errors.Required($"{path}.volumeClaimTemplate");
            return;
        }

        MetadataValidation.OfTemplate(template.Metadata() ?? [], $"{path}.volumeClaimTemplate.metadata", errors);
        StorageValidation.ClaimSpec(template.Spec() ?? [], $"{path}.volumeClaimTemplate.spec", errors);
    }

    private static void Files(JsonObject source, string path, FieldErrors errors)
    {
        foreach (var (index, item) in source.Items("items").Index())
        {
            var at = $"{path}.items[{index}]";
            Rules.Required(item, "key", at, errors);
            Rules.Required(item, "path", at, errors);
            Rules.LocalFile(item, "path", at, errors);
            Mode(item, "mode", at, errors);
        }
    }

    private static void DownwardFiles(JsonObject source, string path, FieldErrors errors)
    {
        foreach (var file in source.Items("items"))
        {
            Rules.Required(file, "path", path, errors);
            Rules.LocalFile(file, "path", path, errors);
            var (field, resource) = (file.Object("fieldRef"), file.Object("resourceFieldRef"));
            if (field is not null)
            {
                FieldReferenceValidation.Field(field, told, $"{path}.fieldRef", errors);
                if (resource is not null) { errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"); }
            }
            else if (resource is not null) { FieldReferenceValidation.Resource(resource, inVolume: true, $"{path}.resourceFieldRef", errors); }
            else { errors.Required(path, "one of fieldRef and resourceFieldRef is required"); }

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
            if (source.Count > 1)
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
                ServiceAccountToken(token, $"{at}.serviceAccountToken", path, errors);
            }
        }
    }

    /// <param name="volume">Upstream names the volume where the token's own path is wrong.</param>
    private static void ServiceAccountToken(JsonObject token, string path, string volume, FieldErrors errors)
    {
        var seconds = token.Number("expirationSeconds");
        if (seconds < 600) { errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"); }
        if (seconds > 1L << 32) { errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"); }
        Rules.Required(token, "path", volume, errors);
        Rules.LocalFile(token, "path", volume, errors);
    }
}
