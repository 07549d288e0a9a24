using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Volumes;

internal enum ClaimStep
{
    /// <summary>Nothing to do, or nothing that can be done now.</summary>
    Wait,
    Bind,
    Provision,

    /// <summary>It was made before there was a default class, and gets it now.</summary>
    AssignClass,

    /// <summary>The volume is gone: so is the data.</summary>
    Lost,
}

/// <summary>The next step of a claim; where it waits, the event says for what.</summary>
internal sealed record ClaimPlan(ClaimStep Step, PersistentVolume? Volume = null, string? Node = null, (string Type, string Reason, string Message)? Event = null)
{
    public const string SelectedNode = "volume.kubernetes.io/selected-node";
    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>Who is to make the volume: external provisioners look for their name on the claim.</summary>
    public string? Provisioner { get; init; }

    /// <summary>The name of the default class.</summary>
    public string? Class { get; init; }

    public static ClaimPlan Compute(
        PersistentVolumeClaim claim, IReadOnlyList<PersistentVolume> volumes, IReadOnlyList<StorageClass> classes, string provisioner)
    {
        if (claim.Spec.VolumeName is { Length: > 0 } name)
        {
            return Named(claim, volumes.FirstOrDefault(volume => volume.Metadata.Name == name));
        }
        var storageClass = classes.FirstOrDefault(known => known.Metadata.Name == claim.Spec.StorageClassName);
        var node = claim.Metadata.Annotations?.GetValueOrDefault(SelectedNode);
        var waits = storageClass?.VolumeBindingMode == "WaitForFirstConsumer";
        var match = waits
            // The scheduler chooses among volumes, and says so by naming the claim in one.
            ? volumes.FirstOrDefault(volume => VolumeMatch.IsFor(volume, claim))
            : VolumeMatch.Find(claim, volumes);
        if (match is not null)
        {
            return new(ClaimStep.Bind, match);
        }
        if (claim.Spec.StorageClassName is null && DefaultOf(classes) is { } byDefault)
        {
            return new(ClaimStep.AssignClass) { Class = byDefault };
        }
        return storageClass is null ? WithoutClass(claim)
            : waits && node is null
                ? Waiting("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding")
            : storageClass.Provisioner == provisioner ? Provision(claim, node)
            : storageClass.Provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal)
                ? Waiting("Warning", "ProvisioningFailed", $"no volume plugin matched name: {storageClass.Provisioner}")
            : External(storageClass.Provisioner);
    }

    private static ClaimPlan External(string provisioner)
    {
        var waiting = Waiting("Normal", "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system "
            + "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
        return waiting with { Provisioner = provisioner };
    }

    private static ClaimPlan Provision(PersistentVolumeClaim claim, string? node) =>
        (claim.Spec.VolumeMode ?? "Filesystem") != "Filesystem"
            ? Waiting("Warning", "ProvisioningFailed", "block volumes cannot be made from directories")
        : (claim.Spec.AccessModes ?? []).Contains("ReadWriteMany") && node is not null
            ? Waiting("Warning", "ProvisioningFailed", "a directory of one node cannot be ReadWriteMany")
        : new(ClaimStep.Provision, Node: node) { Provisioner = LocalVolume.Provisioner };

    private static ClaimPlan Named(PersistentVolumeClaim claim, PersistentVolume? volume)
    {
        if (volume is null)
        {
            return claim.Status.Phase == "Bound" ? new(ClaimStep.Lost) : new(ClaimStep.Wait);
        }
        return volume.Spec.ClaimRef is null || VolumeMatch.IsFor(volume, claim) ? new(ClaimStep.Bind, volume)
            : claim.Status.Phase == "Bound" ? new(ClaimStep.Lost)
            : Waiting("Warning", "FailedBinding", $"volume \"{volume.Metadata.Name}\" already bound to a different claim.");
    }

    /// <summary>Of several the newest, as admission takes it.</summary>
    private static string? DefaultOf(IReadOnlyList<StorageClass> classes) => classes
        .Where(known => known.Metadata.Annotations?.GetValueOrDefault(DefaultClass) == "true")
        .OrderByDescending(known => known.Metadata.CreationTimestamp).ThenBy(known => known.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault()?.Metadata.Name;

    private static ClaimPlan WithoutClass(PersistentVolumeClaim claim) => string.IsNullOrEmpty(claim.Spec.StorageClassName)
        ? Waiting("Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set")
        : Waiting("Warning", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{claim.Spec.StorageClassName}\" not found");

    private static ClaimPlan Waiting(string type, string reason, string message) => new(ClaimStep.Wait, Event: (type, reason, message));
}
