using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class VolumeValidation
{
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
        ["quobyte"] = [],
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
    public static Dictionary<string, JsonObject> Volumes(JsonObject spec, string path, bool needsImages, FieldErrors errors)
    {
        var volumes = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            var (at, name, before) = ($"{path}.volumes[{index}]", volume.Text("name") ?? "", errors.List.Count);
            Source(volume, needsImages, at, errors);
            Rules.Required(volume, "name", at, errors, ObjectNames.Dns1123Label);
            if (volumes.ContainsKey(name)) { errors.Duplicate($"{at}.name", name); }
            // What is no good is nothing to mount either.
            if (errors.List.Count == before) { volumes.Add(name, volume); }
        }

        return volumes;
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

    private static void Source(JsonObject volume, bool needsImages, string path, FieldErrors errors)
    {
        var own = "";
        foreach (var (kind, required) in kinds)
        {
            if (volume.Object(kind) is not { } source) { continue; }
            if (own.Length > 0)
            {
                errors.Forbidden($"{path}.{NameOfSecond(kind)}", "may not specify more than 1 volume type");
                continue;
            }

            own = kind;
            // One kind's path is not its name.
            var at = $"{path}.{(kind == "gcePersistentDisk" ? "persistentDisk" : kind)}";
            foreach (var field in required.Where(field => !source.Has(field) && source.List(field) is not { Count: > 0 })) { errors.Required($"{at}.{field}"); }
            if (kind == "image" && needsImages) { Rules.Required(source, "reference", at, errors); }
            Source(kind, source, at, errors);
        }

        if (own.Length == 0) { errors.Required(path, "must specify a volume type"); }
    }

    /// <summary>Two have another name where they are one too many.</summary>
    private static string NameOfSecond(string kind) => kind switch
    {
        "cephfs" => "cephFS",
        "downwardAPI" => "downwarAPI",
        _ => kind,
    };

    private static void Source(string kind, JsonObject source, string path, FieldErrors errors)
    {
        switch (kind)
        {
            case "gitRepo":
                Rules.LocalPath(source, "directory", path, errors);
                break;
            case "cinder" when source.Object("secretRef") is { } secret:
                Rules.Required(secret, "name", $"{path}.secretRef", errors);
                break;
            case "storageos":
                StorageOs(source, path, errors);
                break;
            case "emptyDir" when Quantity.TryParse(source.Text("sizeLimit"), out var limit) && limit.Sign < 0:
                errors.Forbidden($"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity");
                break;
            case "hostPath":
                HostPath(source, path, errors);
                break;
            case "secret" or "configMap":
                VolumeFileValidation.Mode(source, "defaultMode", path, errors);
                VolumeFileValidation.Files(source, path, errors);
                break;
            case "downwardAPI":
                VolumeFileValidation.Mode(source, "defaultMode", path, errors);
                VolumeFileValidation.DownwardFiles(source, path, errors);
                break;
            case "projected":
                VolumeFileValidation.Projected(source, path, errors);
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
                VolumeSourceValidation.Check(kind, source, path, ofPod: true, errors);
                break;
        }
    }

    private static void StorageOs(JsonObject source, string path, FieldErrors errors)
    {
        Rules.Optional(source, "volumeName", path, errors, ObjectNames.Dns1123Label);
        Rules.Optional(source, "volumeNamespace", path, errors, ObjectNames.Dns1123Label);
        if (source.Object("secretRef") is { } secret) { Rules.Required(secret, "name", $"{path}.secretRef", errors); }
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
}
