using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class PersistentVolumeValidation
{
    /// <summary>In the order in which the first that is set counts, and what each must say at least.</summary>
    private static readonly OrderedDictionary<string, string[]> sources = new(StringComparer.Ordinal)
    {
        ["hostPath"] = [],
        ["gcePersistentDisk"] = ["pdName"],
        ["awsElasticBlockStore"] = ["volumeID"],
        ["glusterfs"] = ["endpoints", "path"],
        ["flocker"] = [],
        ["nfs"] = ["server", "path"],
        ["rbd"] = ["monitors", "image"],
        ["quobyte"] = [],
        ["cephfs"] = ["monitors"],
        ["iscsi"] = ["targetPortal", "iqn"],
        ["cinder"] = ["volumeID"],
        ["fc"] = [],
        ["flexVolume"] = ["driver"],
        ["azureFile"] = ["secretName", "shareName"],
        ["vsphereVolume"] = ["volumePath"],
        ["photonPersistentDisk"] = ["pdID"],
        ["portworxVolume"] = ["volumeID"],
        ["azureDisk"] = ["diskName", "diskURI"],
        ["scaleIO"] = ["gateway", "system", "volumeName"],
        ["local"] = ["path"],
        ["storageos"] = ["volumeName"],
        ["csi"] = [],
    };

    public static void Volume(JsonObject volume, FieldErrors errors) => Spec(volume.Spec() ?? [], volume.Name(), "spec", isInline: false, errors);

    /// <param name="isInline">Within an attachment, where a volume has neither a size nor a class of its own.</param>
    public static void Spec(JsonObject spec, string name, string path, bool isInline, FieldErrors errors)
    {
        if (isInline) { Inline(spec, path, errors); }
        StorageValidation.AccessModes(spec, path, "", errors);
        if (!isInline)
        {
            Capacity(spec.Object("capacity"), path, errors);
            if (spec.Has("persistentVolumeReclaimPolicy")) { Rules.OneOf(spec, "persistentVolumeReclaimPolicy", path, errors, "Delete", "Recycle", "Retain"); }
            NodeAffinity(spec, path, errors);
        }

        Sources(spec, name, path, errors);
        if (spec.Object("hostPath")?.Text("path")?.TrimEnd('/') == "" && spec.Text("persistentVolumeReclaimPolicy") == "Recycle")
        {
            errors.Forbidden($"{path}.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'");
        }

        if (!isInline)
        {
            Rules.Optional(spec, "storageClassName", path, errors, ObjectNames.Dns1123Subdomain);
            Rules.OneOf(spec, "volumeMode", path, errors, "Block", "Filesystem");
        }

        AttributesClass(spec, path, errors);
    }

    public static void Update(JsonObject volume, JsonObject old, FieldErrors errors)
    {
        Volume(volume, errors);
        var (spec, before) = (volume.Spec() ?? [], old.Spec() ?? []);
        if (sources.Keys.Any(source => !JsonNode.DeepEquals(Unchanging(spec, before, source), before[source])))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }

        if (!JsonNode.DeepEquals(spec["volumeMode"], before["volumeMode"])) { errors.Invalid("volumeMode", spec["volumeMode"], Rules.Immutable); }
        if (before["nodeAffinity"] is not null && !JsonNode.DeepEquals(spec["nodeAffinity"], before["nodeAffinity"]))
        {
            errors.Invalid("nodeAffinity", spec["nodeAffinity"], $"{Rules.Immutable}, except for updating from beta label to GA");
        }

        if (before["volumeAttributesClassName"] is not null && spec["volumeAttributesClassName"] is null)
        {
            errors.Forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden");
        }
    }

    /// <summary>Who makes a volume larger may come to need a secret later.</summary>
    private static JsonNode? Unchanging(JsonObject spec, JsonObject before, string source)
    {
        const string secret = "controllerExpandSecretRef";
        if (source != "csi" || spec.Object("csi")?[secret] is null || before.Object("csi") is not { } csi || csi[secret] is not null) { return spec[source]; }
        var without = spec["csi"]!.DeepClone().AsObject();
        without.Remove(secret);
        return without;
    }

    private static void Inline(JsonObject spec, string path, FieldErrors errors)
    {
        const string context = "in the context of inline volumes";
        if (spec["claimRef"] is not null) { errors.Forbidden($"{path}.claimRef", $"may not be specified {context}"); }
        if (spec.Object("capacity") is { Count: > 0 }) { errors.Forbidden($"{path}.capacity", $"may not be specified {context}"); }
        if (spec["csi"] is null) { errors.Required($"{path}.csi", $"has to be specified {context}"); }
        if (spec.Text("persistentVolumeReclaimPolicy") is not (null or "" or "Retain")) { errors.Forbidden($"{path}.persistentVolumeReclaimPolicy", $"may only be Retain {context}"); }
        if (spec["nodeAffinity"] is not null) { errors.Forbidden($"{path}.nodeAffinity", $"may not be specified {context}"); }
        if (spec.Has("storageClassName")) { errors.Forbidden($"{path}.storageClassName", $"may not be specified {context}"); }
        if (spec.Text("volumeMode") is not (null or "Filesystem")) { errors.Forbidden($"{path}.volumeMode", $"may not specify volumeMode other than Filesystem {context}"); }
    }

    private static void Capacity(JsonObject? capacity, string path, FieldErrors errors)
    {
        if (capacity is not { Count: > 0 }) { errors.Required($"{path}.capacity"); }
        if (capacity?.ContainsKey("storage") != true || capacity.Count > 1) { errors.NotSupported($"{path}.capacity", capacity, ["storage"]); }
        foreach (var (name, value) in capacity ?? [])
        {
            if (!Quantity.TryParse(value?.ToString(), out var size)) { continue; }
            if (size.Sign < 0) { errors.Invalid($"{path}.capacity[{name}]", size.Value, "must be a valid resource quantity"); }
            if (size.Sign <= 0) { errors.Invalid($"{path}.capacity[{name}]", size.ToString(), "must be greater than zero"); }
        }
    }

    private static void NodeAffinity(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Object("nodeAffinity") is not { } affinity) { return; }
        if (affinity.Object("required") is { } required) { SelectorValidation.NodeSelector(required, $"{path}.nodeAffinity.required", errors); }
        else { errors.Required($"{path}.nodeAffinity.required", "must specify required node constraints"); }
    }

    private static void Sources(JsonObject spec, string name, string path, FieldErrors errors)
    {
        var own = "";
        foreach (var (kind, required) in sources)
        {
            if (spec.Object(kind) is not { } source) { continue; }
            // Upstream forgot one.
            if (own.Length > 0 && kind != "flexVolume")
            {
                errors.Forbidden($"{path}.{(kind == "cephfs" ? "cephFS" : kind)}", "may not specify more than 1 volume type");
                continue;
            }

            own = kind;
            var at = $"{path}.{(kind == "gcePersistentDisk" ? "persistentDisk" : kind)}";
            if (kind == "iscsi") { VolumeSourceValidation.IscsiSession(source, name, at, errors); }
            foreach (var field in required.Where(field => !source.Has(field) && source.List(field) is not { Count: > 0 })) { errors.Required($"{at}.{field}"); }
            VolumeSourceValidation.Check(kind, source, at, ofPod: false, errors);
            Source(kind, source, spec, path, errors);
        }

        if (own.Length == 0) { errors.Required(path, "must specify a volume type"); }
    }

    /// <summary>What is said of a source in a persistent volume only.</summary>
    private static void Source(string kind, JsonObject source, JsonObject spec, string path, FieldErrors errors)
    {
        var at = $"{path}.{kind}";
        switch (kind)
        {
            case "hostPath":
                VolumeValidation.HostPath(source, at, errors);
                break;
            case "glusterfs" when source.Text("endpointsNamespace") is { } other:
                errors.Check($"{at}.endpointsNamespace", other, other.Length == 0 ? ["if the endpointnamespace is set, it must be a valid namespace name"] : ObjectNames.Dns1123Label(other));
                break;
            case "cinder" or "storageos":
                if (kind == "storageos") { foreach (var field in (ReadOnlySpan<string>)["volumeName", "volumeNamespace"]) { Rules.Optional(source, field, at, errors, ObjectNames.Dns1123Label); } }
                if (source.Object("secretRef") is { } secret) { foreach (var field in (ReadOnlySpan<string>)["name", "namespace"]) { Rules.Required(secret, field, $"{at}.secretRef", errors); } }
                break;
            case "flexVolume":
                Options(source, $"{at}.options", errors);
                break;
            case "azureFile" when source.Text("secretNamespace") is "":
                errors.Required($"{at}.secretNamespace");
                break;
            case "local":
                Rules.NoBacksteps(source.Text("path") ?? "", $"{at}.path", errors);
                if (spec["nodeAffinity"] is null) { errors.Required($"{path}.nodeAffinity", "Local volume requires node affinity"); }
                break;
            case "csi":
                Csi(source, at, errors);
                break;
        }
    }

    private static void Options(JsonObject source, string path, FieldErrors errors)
    {
        foreach (var (key, _) in source.Object("options") ?? [])
        {
            var owner = "." + key.Split('/', 2)[0].ToLowerInvariant();
            if (owner.EndsWith(".kubernetes.io", StringComparison.Ordinal) || owner.EndsWith(".k8s.io", StringComparison.Ordinal))
            {
                errors.Invalid($"{path}[{key}]", key, "kubernetes.io and k8s.io namespaces are reserved");
            }
        }
    }

    private static void Csi(JsonObject source, string path, FieldErrors errors)
    {
        DriverNames.Driver(source.Text("driver"), $"{path}.driver", errors);
        Rules.Required(source, "volumeHandle", path, errors);
        foreach (var name in (ReadOnlySpan<string>)["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"])
        {
            if (source.Object(name) is not { } secret) { continue; }
            Rules.Required(secret, "name", $"{path}.{name}", errors, ObjectNames.Dns1123Subdomain);
            Rules.Required(secret, "namespace", $"{path}.{name}", errors, ObjectNames.Dns1123Label);
        }
    }

    private static void AttributesClass(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Text("volumeAttributesClassName") is not { } name) { return; }
        if (name.Length == 0) { errors.Required($"{path}.volumeAttributesClassName", "an empty string is disallowed"); }
        else { errors.Check($"{path}.volumeAttributesClassName", name, ObjectNames.Dns1123Subdomain(name)); }
        if (spec["csi"] is null) { errors.Required($"{path}.csi", "has to be specified when using volumeAttributesClassName"); }
    }
}
