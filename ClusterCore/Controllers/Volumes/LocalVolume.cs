using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Volumes;

/// <summary>The default storage class: a directory of the node that the first pod of a claim was scheduled to.</summary>
internal static class LocalVolume
{
    public const string Provisioner = "flotilla.local/directory";
    public const string ClassName = "local";
    private const string IsDefault = "storageclass.kubernetes.io/is-default-class";
    private const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    public static StorageClass Class() => new()
    {
        Metadata = new() { Name = ClassName, Annotations = new Dictionary<string, string> { [IsDefault] = "true" } },
        Provisioner = Provisioner,
        ReclaimPolicy = "Delete",
        VolumeBindingMode = "WaitForFirstConsumer",
    };

    public static string NameFor(PersistentVolumeClaim claim) => $"pvc-{claim.Metadata.Uid}";

    public static JsonObject Create(PersistentVolumeClaim claim, StorageClass storageClass, string? node, string directory)
    {
        var name = NameFor(claim);
        var spec = new JsonObject
        {
            ["capacity"] = new JsonObject { ["storage"] = claim.Spec.Resources?.Requests?.GetValueOrDefault("storage") ?? "0" },
            ["accessModes"] = new JsonArray([.. (claim.Spec.AccessModes ?? ["ReadWriteOnce"]).Select(mode => (JsonNode?)mode)]),
            ["persistentVolumeReclaimPolicy"] = storageClass.ReclaimPolicy ?? "Delete",
            ["storageClassName"] = storageClass.Metadata.Name,
            ["volumeMode"] = "Filesystem",
            ["hostPath"] = new JsonObject { ["path"] = $"{directory}/{name}", ["type"] = "DirectoryOrCreate" },
            ["claimRef"] = ClaimBinding.Reference(claim),
        };
        if (node is not null)
        {
            spec["nodeAffinity"] = OnlyOn(node);
        }
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["annotations"] = new JsonObject { [ProvisionedBy] = Provisioner },
            },
            ["spec"] = spec,
        };
    }

    public static bool IsOurs(PersistentVolume volume) => volume.Metadata.Annotations?.GetValueOrDefault(ProvisionedBy) == Provisioner;

    private static JsonObject OnlyOn(string node) => new()
    {
        ["required"] = new JsonObject
        {
            ["nodeSelectorTerms"] = new JsonArray(new JsonObject
            {
                ["matchExpressions"] = new JsonArray(new JsonObject
                {
                    ["key"] = "kubernetes.io/hostname",
                    ["operator"] = "In",
                    ["values"] = new JsonArray(node),
                }),
            }),
        },
    };
}
