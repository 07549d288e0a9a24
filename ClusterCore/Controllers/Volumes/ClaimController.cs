using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Volumes;

/// <summary>Finds a volume for each claim, or makes one.</summary>
internal sealed class ClaimController : ReconcilingController
{
    private const string ProvisionerName = "volume.kubernetes.io/storage-provisioner";
    private const string OldProvisionerName = "volume.beta.kubernetes.io/storage-provisioner";
    private readonly Informer<PersistentVolumeClaim> claims;
    private readonly Informer<PersistentVolume> volumes;
    private readonly Informer<StorageClass> classes;
    private readonly ClaimBinding binding;
    private readonly EventRecorder recorder;

    // One worker: two claims must not be given the same volume.
    public ClaimController(ControllerContext context) : base("persistentvolume-controller", context, workers: 1)
    {
        recorder = context.Recorder(Name);
        binding = new(context.Client);
        claims = Reconciles(context.Informers.Get(Kinds.PersistentVolumeClaims)).IndexByNamespace();
        classes = context.Informers.Get(Kinds.StorageClasses);
        volumes = context.Informers.Get(Kinds.PersistentVolumes);
        volumes.AddHandler(change => AddPending(change.Object.Spec.ClaimRef));
        classes.AddHandler(_ => AddPending(null));
    }

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (classes.List().Length == 0)
        {
            // Only where there is none at all: a cluster whose owner chose other classes keeps to them.
            await Client.CreateAsync(Kinds.StorageClasses, LocalVolume.Class(), cancellationToken);
        }
        await base.RunAsync(cancellationToken);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (claims.Find(key) is not { Metadata.DeletionTimestamp: null } claim)
        {
            return ReconcileResult.Done;
        }
        var plan = ClaimPlan.Compute(claim, volumes.List(), classes.List(), LocalVolume.Provisioner);
        if (plan.Provisioner is { } provisioner && await NameProvisionerAsync(claim, provisioner, cancellationToken))
        {
            // The claim comes here again as it was written.
            return ReconcileResult.Done;
        }
        switch (plan.Step)
        {
            case ClaimStep.AssignClass:
                await MergeAsync(claim, new JsonObject { ["spec"] = new JsonObject { ["storageClassName"] = plan.Class } }, cancellationToken);
                break;
            case ClaimStep.Bind:
                await binding.BindAsync(claim, plan.Volume!, cancellationToken);
                break;
            case ClaimStep.Provision:
                await ProvisionAsync(claim, plan.Node, cancellationToken);
                break;
            case ClaimStep.Lost:
                await LoseAsync(claim, cancellationToken);
                break;
            default:
                if (plan.Event is { } reason)
                {
                    recorder.Record(claim, reason.Type, reason.Reason, reason.Message);
                }
                await binding.SetClaimPhaseAsync(claim, "Pending", cancellationToken);
                break;
        }
        return ReconcileResult.Done;
    }

    /// <returns>Whether the claim did not name it yet.</returns>
    private async Task<bool> NameProvisionerAsync(PersistentVolumeClaim claim, string provisioner, CancellationToken cancellationToken)
    {
        if (claim.Metadata.Annotations?.GetValueOrDefault(ProvisionerName) == provisioner)
        {
            return false;
        }
        var annotations = new JsonObject { [ProvisionerName] = provisioner, [OldProvisionerName] = provisioner };
        await MergeAsync(claim, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } }, cancellationToken);
        return true;
    }

    private async Task MergeAsync(PersistentVolumeClaim claim, JsonObject body, CancellationToken cancellationToken)
    {
        var patched = await Client.PatchAsync(
            Kinds.PersistentVolumeClaims, claim.Metadata.Namespace, claim.Metadata.Name, Patch.Merge(body), cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
    }

    private async Task ProvisionAsync(PersistentVolumeClaim claim, string? node, CancellationToken cancellationToken)
    {
        var storageClass = classes.List().First(known => known.Metadata.Name == claim.Spec.StorageClassName);
        var wanted = LocalVolume.Create(claim, storageClass, node, Context.Options.LocalVolumeDirectory);
        var created = await Client.CreateAsync(Kinds.PersistentVolumes, null, wanted, cancellationToken);
        if (created.AlreadyExists)
        {
            return;
        }
        if (!created.Succeeded)
        {
            recorder.Record(claim, EventType.Warning, "ProvisioningFailed", created.Failure.Message ?? "");
            created.OrThrow();
        }
        recorder.Record(claim, EventType.Normal, "ProvisioningSucceeded",
            $"Successfully provisioned volume {created.Value!.Metadata.Name} using {LocalVolume.Provisioner}");
        await binding.BindAsync(claim, created.Value, cancellationToken);
    }

    private async Task LoseAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        if (claim.Status.Phase != "Lost")
        {
            recorder.Record(claim, EventType.Warning, "ClaimLost",
                "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
            await binding.SetClaimPhaseAsync(claim, "Lost", cancellationToken);
        }
    }

    private void AddPending(ObjectReference? claimRef)
    {
        if (claimRef is { Name: { } name })
        {
            Queue.Add(new(claimRef.Namespace, name));
            return;
        }
        foreach (var claim in claims.List().Where(claim => claim.Status.Phase != "Bound"))
        {
            Queue.Add(claim.Key);
        }
    }
}
