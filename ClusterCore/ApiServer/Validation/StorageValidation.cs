using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class StorageValidation
{
    private const string ClaimImmutable = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

    private static readonly string[] AccessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    private static readonly string[] VolumeSources =
    [
        "gcePersistentDisk", "awsElasticBlockStore", "hostPath", "glusterfs", "nfs", "rbd", "iscsi", "cinder", "cephfs", "fc", "flocker", "flexVolume",
        "azureFile", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume", "scaleIO", "local", "storageos", "csi",
    ];

    public static void Claim(JsonObject claim, FieldErrors errors) => ClaimSpec(claim.Spec() ?? [], "spec", errors);

    public static void ClaimSpec(JsonObject spec, string path, FieldErrors errors)
    {
        Modes(spec, path, errors);
        SelectorValidation.LabelSelector(spec.Object("selector"), $"{path}.selector", errors);
        if (spec.Object("resources")?.Object("requests")?.Text("storage") is not { } request)
        {
            errors.Required($"{path}.resources[storage]");
        }
        else if (Quantity.TryParse(request, out var size) && size.Sign <= 0)
        {
            errors.Invalid($"{path}.resources[storage]", request, "must be greater than zero");
        }

        Rules.Optional(spec, "storageClassName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.OneOf(spec, "volumeMode", path, errors, "Block", "Filesystem");
        if (spec.Object("dataSource") is { } source)
        {
            Rules.Required(source, "name", $"{path}.dataSource", errors);
            Rules.Required(source, "kind", $"{path}.dataSource", errors);
        }
    }

    public static void ClaimUpdate(JsonObject claim, JsonObject old, FieldErrors errors)
    {
        Claim(claim, errors);
        var (spec, before) = (claim.Spec() ?? [], old.Spec() ?? []);
        if (!JsonNode.DeepEquals(Fixed(spec, before), Fixed(before, before)))
        {
            errors.Forbidden("spec", ClaimImmutable);
        }

        var wanted = spec.Object("resources")?.Object("requests")?.Text("storage");
        var was = before.Object("resources")?.Object("requests")?.Text("storage");
        if (!Quantity.TryParse(wanted, out var now) || !Quantity.TryParse(was, out var then) || now == then)
        {
            return;
        }

        if (old.Object("status")?.Text("phase") != "Bound")
        {
            errors.Forbidden("spec", ClaimImmutable);
        }
        else if (now < then && !(Quantity.TryParse(old.Object("status")?.Object("capacity")?.Text("storage"), out var capacity) && now > capacity))
        {
            errors.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }
    }

    public static void Volume(JsonObject volume, FieldErrors errors) => VolumeSpec(volume.Spec() ?? [], "spec", isInline: false, errors);

    /// <param name="isInline">Within an attachment, where a volume has neither a size nor a class of its own.</param>
    public static void VolumeSpec(JsonObject spec, string path, bool isInline, FieldErrors errors)
    {
        Modes(spec, path, errors);
        if (!isInline)
        {
            Capacity(spec.Object("capacity"), errors);
            Rules.RequiredOneOf(spec, "persistentVolumeReclaimPolicy", path, errors, "Delete", "Recycle", "Retain");
            Rules.Optional(spec, "storageClassName", path, errors, ObjectNames.Dns1123Subdomain);
        }

        Sources(spec, path, errors);
        Rules.OneOf(spec, "volumeMode", path, errors, "Block", "Filesystem");
        if (spec.Object("nodeAffinity") is { } affinity)
        {
            if (affinity.Object("required") is { } required)
            {
                SelectorValidation.NodeSelector(required, $"{path}.nodeAffinity.required", errors);
            }
            else
            {
                errors.Required($"{path}.nodeAffinity.required", "must specify required node constraints");
            }
        }
    }

    public static void VolumeUpdate(JsonObject volume, JsonObject old, FieldErrors errors)
    {
        Volume(volume, errors);
        var (spec, before) = (volume.Spec() ?? [], old.Spec() ?? []);
        if (VolumeSources.Any(source => !JsonNode.DeepEquals(spec[source], before[source])))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }

        Rules.Unchanged(spec, before, "volumeMode", "spec", errors);
        if (before["nodeAffinity"] is not null)
        {
            Rules.Unchanged(spec, before, "nodeAffinity", "spec", errors);
        }
    }

    public static void StorageClass(JsonObject storageClass, FieldErrors errors)
    {
        Provisioner(storageClass, "provisioner", errors);
        AttachmentValidation.Parameters(storageClass.Object("parameters"), errors);
        NotSupported(storageClass, "reclaimPolicy", errors, "Delete", "Retain");
        if (!storageClass.Has("volumeBindingMode"))
        {
            errors.Required("volumeBindingMode");
        }

        NotSupported(storageClass, "volumeBindingMode", errors, "Immediate", "WaitForFirstConsumer");
    }

    public static void StorageClassUpdate(JsonObject storageClass, JsonObject old, FieldErrors errors)
    {
        StorageClass(storageClass, errors);
        foreach (var field in (ReadOnlySpan<string>)["parameters", "provisioner", "reclaimPolicy"])
        {
            if (!JsonNode.DeepEquals(storageClass[field], old[field]))
            {
                errors.Forbidden(field, $"updates to {field} are forbidden.");
            }
        }

        if (!JsonNode.DeepEquals(storageClass["volumeBindingMode"], old["volumeBindingMode"]))
        {
            errors.Invalid("volumeBindingMode", storageClass["volumeBindingMode"], Rules.Immutable);
        }
    }

    /// <summary>The name of a driver: a qualified name, in whatever case.</summary>
    public static void Provisioner(JsonObject holder, string field, FieldErrors errors)
    {
        if (!holder.Has(field))
        {
            errors.Required(field);
        }
        else
        {
            errors.Check(field, holder.Text(field), ObjectNames.QualifiedName(holder.Text(field)!.ToLowerInvariant()));
        }
    }

    private static void NotSupported(JsonObject obj, string field, FieldErrors errors, params string[] supported)
    {
        if (obj.Text(field) is { Length: > 0 } value && !supported.Contains(value, StringComparer.Ordinal))
        {
            errors.NotSupported(field, value, supported);
        }
    }

    private static void Modes(JsonObject spec, string path, FieldErrors errors)
    {
        var modes = spec.Texts("accessModes").ToList();
        if (modes.Count == 0)
        {
            errors.Required($"{path}.accessModes", "at least 1 access mode is required");
        }

        foreach (var mode in modes.Where(static mode => !AccessModes.Contains(mode, StringComparer.Ordinal)))
        {
            errors.NotSupported($"{path}.accessModes", mode, AccessModes);
        }

        if (modes.Count > 1 && modes.Contains("ReadWriteOncePod", StringComparer.Ordinal))
        {
            errors.Forbidden($"{path}.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }

    private static void Capacity(JsonObject? capacity, FieldErrors errors)
    {
        if (capacity is not { Count: > 0 })
        {
            errors.Required("spec.capacity");
            return;
        }

        if (!capacity.ContainsKey("storage") || capacity.Count > 1)
        {
            errors.NotSupported("spec.capacity", capacity, ["storage"]);
        }
        else if (Quantity.TryParse(capacity.Text("storage"), out var size) && size.Sign <= 0)
        {
            errors.Invalid("spec.capacity[storage]", capacity.Text("storage"), "must be greater than zero");
        }
    }

    private static void Sources(JsonObject spec, string path, FieldErrors errors)
    {
        var sources = VolumeSources.Where(source => spec[source] is not null).ToList();
        if (sources.Count == 0)
        {
            errors.Required(path, "must specify a volume type");
        }

        foreach (var source in sources.Skip(1))
        {
            errors.Forbidden($"{path}.{source}", "may not specify more than 1 volume type");
        }

        if (spec.Object("hostPath") is { } hostPath)
        {
            VolumeValidation.HostPath(hostPath, $"{path}.hostPath", errors);
            if (hostPath.Text("path") == "/" && spec.Text("persistentVolumeReclaimPolicy") == "Recycle")
            {
                errors.Forbidden($"{path}.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'");
            }
        }

        if (spec.Object("local") is { } local)
        {
            Rules.Required(local, "path", $"{path}.local", errors);
            if (spec["nodeAffinity"] is null)
            {
                errors.Required($"{path}.nodeAffinity", "Local volume requires node affinity");
            }
        }

        if (spec.Object("csi") is { } csi)
        {
            Rules.Required(csi, "driver", $"{path}.csi", errors);
            Rules.Required(csi, "volumeHandle", $"{path}.csi", errors);
        }
    }

    /// <summary>Set once: the volume by whoever binds, the class by whoever defaults it.</summary>
    private static JsonObject Fixed(JsonObject spec, JsonObject before)
    {
        var fixedPart = (JsonObject)spec.DeepClone();
        fixedPart.Remove("resources");
        fixedPart.Remove("volumeAttributesClassName");
        foreach (var field in (ReadOnlySpan<string>)["volumeName", "storageClassName"])
        {
            if (!before.Has(field))
            {
                fixedPart.Remove(field);
            }
        }

        return fixedPart;
    }
}
