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
    private const string ClaimFinalizer = "kubernetes.io/pvc-protection";
    private const string VolumeFinalizer = "kubernetes.io/pv-protection";
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
            if (change.IsDeleted || change.Object.IsFinished())
            {
                foreach (var claim in ClaimsOf(change.Object))
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
                await ProtectAsync(Kinds.PersistentVolumes, volume, VolumeFinalizer, volume.Status.Phase == "Bound", cancellationToken);
            }
        }
        else if (claims.Find(key) is { } claim)
        {
            await ProtectAsync(Kinds.PersistentVolumeClaims, claim, ClaimFinalizer, IsUsed(claim), cancellationToken);
        }
        return ReconcileResult.Done;
    }

    private bool IsUsed(PersistentVolumeClaim claim) =>
        pods.InNamespace(claim.Metadata.Namespace).Any(pod => !pod.IsFinished() && ClaimsOf(pod).Contains(claim.Metadata.Name));

    private static IEnumerable<string> ClaimsOf(Pod pod) => (pod.Spec.Volumes ?? [])
        .Select(volume => volume.PersistentVolumeClaim?.ClaimName ?? $"{pod.Metadata.Name}-{volume.Name}");

    private async Task ProtectAsync<T>(
        ResourceType<T> type, T value, string finalizer, bool isUsed, CancellationToken cancellationToken) where T : KubernetesObject
    {
        var present = value.Metadata.Finalizers ?? [];
        var isGoing = value.Metadata.DeletionTimestamp is not null;
        string[]? wanted = isGoing && !isUsed && present.Contains(finalizer) ? [.. present.Where(known => known != finalizer)]
            : !isGoing && !present.Contains(finalizer) ? [.. present, finalizer]
            : null;
        if (wanted is null)
        {
            return;
        }
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
