using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>What of volumes, claims and their classes is out of date.</summary>
internal static class StorageWarnings
{
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    private static readonly (string Source, string Message)[] volumesOfOld =
    [
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    public static IEnumerable<string> OfVolume(JsonObject volume)
    {
        var spec = volume.Spec() ?? [];
        var terms = spec.Object("nodeAffinity")?.Object("required")?.Items("nodeSelectorTerms") ?? [];
        return
        [
            .. Class(volume),
            .. spec.Text("persistentVolumeReclaimPolicy") == "Recycle"
                ? ["spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning."] : (string[])[],
            .. terms.SelectMany(static (term, index) => NodeLabelWarnings.OfTerm(term, $"spec.nodeAffinity.required.nodeSelectorTerms[{index}]")),
            .. Source(spec, "spec"),
        ];
    }

    public static IEnumerable<string> OfClaim(JsonObject claim) => Class(claim).Concat(OfClaimSpec(claim.Spec() ?? [], "spec"));

    public static IEnumerable<string> OfClaimSpec(JsonObject spec, string path) => ((string[])["requests", "limits"])
        .SelectMany(list => Fractions(spec.Object("resources")?.Object(list), $"{path}.resources.{list}"));

    public static IEnumerable<string> OfClass(JsonObject storageClass) => storageClass.Items("allowedTopologies").SelectMany(
        static (topology, index) => topology.Items("matchLabelExpressions").Index().Where(static one => NodeLabelWarnings.IsOld(one.Item.Text("key") ?? ""))
            .Select(one => $"allowedTopologies[{index}].matchLabelExpressions[{one.Index}]: {NodeLabelWarnings.Of(one.Item.Text("key")!)}"));

    /// <summary>Where a volume's content is from.</summary>
    public static IEnumerable<string> Source(JsonObject volume, string path) =>
        from old in volumesOfOld
        where volume.Object(old.Source) is not null
        // The path is made of the field's name in Go, which has other capitals.
        select $"{path}.{(old.Source == "storageos" ? "storageOS" : old.Source)}: {old.Message}";

    /// <summary>Bytes come whole.</summary>
    public static IEnumerable<string> Fractions(JsonObject? amounts, string path)
    {
        foreach (var resource in (string[])["memory", "ephemeral-storage", "storage"])
        {
            if (amounts is not null && Quantity.TryParse(amounts.Text(resource), out var quantity) && quantity.MilliValue % 1000 != 0)
            {
                yield return $"{path}[{resource}]: fractional byte value {FieldError.Quote(quantity.ToString())} is invalid, must be an integer";
            }
        }
    }

    private static IEnumerable<string> Class(JsonObject obj) => obj.Metadata()?.Object("annotations")?.ContainsKey(ClassAnnotation) == true
        ? [$"metadata.annotations[{ClassAnnotation}]: deprecated since v1.8; use \"storageClassName\" attribute instead"] : [];
}
