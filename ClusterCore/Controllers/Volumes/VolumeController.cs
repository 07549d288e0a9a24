using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Volumes;

/// <summary>What becomes of a volume: available, bound, released when its claim is gone; then kept or deleted as its policy says.</summary>
internal sealed class VolumeController : ReconcilingController
{
    private readonly Informer<PersistentVolume> volumes;
    private readonly Informer<PersistentVolumeClaim> claims;
    private readonly ClaimBinding binding;

    public VolumeController(ControllerContext context) : base("persistentvolume-reclaimer", context, workers: 1)
    {
        binding = new(context.Client);
        volumes = Reconciles(context.Informers.Get(Kinds.PersistentVolumes));
        claims = context.Informers.Get(Kinds.PersistentVolumeClaims);
        claims.AddHandler(change =>
        {
            if (change.IsDeleted && change.Object.Spec.VolumeName is { Length: > 0 } volume)
            {
                Queue.Add(new(null, volume));
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (volumes.Find(key) is not { } volume)
        {
            return ReconcileResult.Done;
        }
        var phase = PhaseOf(volume, claims.Find(volume.Spec.ClaimRef?.Namespace, volume.Spec.ClaimRef?.Name ?? ""));
        // Of one that is being deleted, too: what protects it waits for its release.
        if (phase != volume.Status.Phase)
        {
            await binding.SetPhaseAsync(volume, phase, cancellationToken);
        }
        if (phase == "Released" && volume.Metadata.DeletionTimestamp is null && volume.Spec.PersistentVolumeReclaimPolicy == "Delete" && LocalVolume.IsOurs(volume))
        {
            var only = new DeleteOptions { PreconditionUid = volume.Metadata.Uid };
            await Client.DeleteAsync(Kinds.PersistentVolumes, null, key.Name, cancellationToken, only);
        }
        return ReconcileResult.Done;
    }

    internal static string PhaseOf(PersistentVolume volume, PersistentVolumeClaim? claim)
    {
        if (volume.Spec.ClaimRef is not { Uid: { Length: > 0 } uid })
        {
            return "Available";
        }
        return claim?.Metadata.Uid == uid ? "Bound" : "Released";
    }
}
