using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Cluster;
using Flotilla.ClusterCore.Scheduler.Selectors;

namespace Flotilla.ClusterCore.Scheduler.Plugins.Volumes;

/// <summary>Which volume satisfies a claim.</summary>
internal static class VolumeMatch
{
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    /// <summary>A volume already kept for the claim, else the smallest that is large enough.</summary>
    public static PersistentVolume? Smallest(PersistentVolumeClaim claim, IEnumerable<PersistentVolume> volumes, Func<PersistentVolume, bool> usable)
    {
        PersistentVolume? best = null;
        foreach (var volume in volumes)
        {
            if (!Satisfies(volume, claim) || !usable(volume)) { continue; }
            if (IsFor(volume, claim)) { return volume; }
            if (best is null || Size(volume.Spec?.Capacity) < Size(best.Spec?.Capacity)) { best = volume; }
        }
        return best;
    }

    public static bool CanProvision(StorageClass storageClass, NodeInfo node) =>
        storageClass.Provisioner is not ("" or NoProvisioner)
        && (storageClass.AllowedTopologies is not { Length: > 0 } terms || Array.Exists(terms, term => Allows(term, node)));

    private static bool Satisfies(PersistentVolume volume, PersistentVolumeClaim claim)
    {
        var (has, wants) = (volume.Spec, claim.Spec);
        if (has is null || wants is null || volume.Metadata.DeletionTimestamp is not null) { return false; }
        return (has.ClaimRef is null || IsFor(volume, claim))
            && (has.StorageClassName ?? "") == (wants.StorageClassName ?? "")
            && (has.VolumeMode ?? "Filesystem") == (wants.VolumeMode ?? "Filesystem")
            && (wants.AccessModes ?? []).All(mode => has.AccessModes?.Contains(mode) == true)
            && Size(has.Capacity) >= Size(wants.Resources?.Requests)
            && (wants.Selector is null || SelectorParser.ToPodSelector(wants.Selector).Matches(volume.Metadata.Labels ?? new Dictionary<string, string>()));
    }

    public static bool IsFor(PersistentVolume volume, PersistentVolumeClaim claim) =>
        volume.Spec?.ClaimRef is { } reference
        && reference.Namespace == claim.Metadata.Namespace && reference.Name == claim.Metadata.Name
        && (reference.Uid is null or "" || reference.Uid == claim.Metadata.Uid);

    private static bool Allows(TopologySelectorTerm term, NodeInfo node) =>
        (term.MatchLabelExpressions ?? []).All(one =>
            node.Labels.TryGetValue(one.Key, out var value) && one.Values?.Contains(value) == true);

    private static long Size(IReadOnlyDictionary<string, string>? amounts) =>
        amounts is not null && amounts.TryGetValue("storage", out var text) && Quantity.TryParse(text, out var size) ? size.Value : 0;
}
