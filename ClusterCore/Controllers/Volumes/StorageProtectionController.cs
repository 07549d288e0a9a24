using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Volumes;

/// <summary>Claims in use by a pod, and volumes bound to a claim, cannot be deleted under them: a finalizer holds them until then.</summary>
internal sealed class StorageProtectionController : ReconcilingController
{
    private readonly Informer<PersistentVolumeClaim> claims;
    private readonly Informer<PersistentVolume> volumes;
    private readonly Informer<Pod> pods;

    public StorageProtectionController(ControllerContext context) : base("storage-protection-controller", context, workers: 1)
    {
        claims = Reconciles(context.Informers.Get(Kinds.PersistentVolumeClaims));
        volumes = Reconciles(context.Informers.Get(Kinds.PersistentVolumes));
        pods = context.Informers.Pods();
        pods.AddHandler(change =>
        {
            if (change.IsDeleted || (change.Object.IsTerminating() && change.Object.Metadata.DeletionGracePeriodSeconds == 0))
            {
                foreach (var claim in StorageProtectionPlan.ClaimsOf(change.Object))
                {
                    Queue.Add(new(change.Key.Namespace, claim));
                }
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (key.Namespace is null)
        {
            if (volumes.Find(key) is { } volume)
            {
                await ProtectAsync(Kinds.PersistentVolumes, volume, StorageProtectionPlan.VolumeFinalizer, StorageProtectionPlan.Compute(volume), cancellationToken);
            }
        }
        else if (claims.Find(key) is { } claim)
        {
            await ProtectAsync(Kinds.PersistentVolumeClaims, claim, StorageProtectionPlan.ClaimFinalizer, await ClaimAsync(claim, cancellationToken), cancellationToken);
        }
        return ReconcileResult.Done;
    }

    private async Task<Protection> ClaimAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var plan = StorageProtectionPlan.Compute(claim, pods.InNamespace(claim.Metadata.Namespace));
        if (plan != Protection.Remove)
        {
            return plan;
        }
        // Asked of the server: a pod bound a moment ago may not be in the cache yet, and what is deleted does not come back.
        var now = await Client.ListAsync(Kinds.Pods, claim.Metadata.Namespace, cancellationToken);
        return StorageProtectionPlan.Compute(claim, now.OrThrow().Items);
    }

    private async Task ProtectAsync<T>(
        ResourceType<T> type, T value, string finalizer, Protection plan, CancellationToken cancellationToken) where T : KubernetesObject
    {
        if (plan == Protection.Keep)
        {
            return;
        }
        var present = value.Metadata.Finalizers ?? [];
        string[] wanted = plan == Protection.Add ? [.. present, finalizer] : [.. present.Where(known => known != finalizer)];
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = value.Metadata.ResourceVersion,
                ["finalizers"] = wanted.Length == 0 ? null : new JsonArray([.. wanted.Select(known => (JsonNode?)known)]),
            },
        };
        var patched = await Client.PatchAsync(type, value.Metadata.Namespace, value.Metadata.Name, Patch.Merge(body), cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
    }
}
