using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Volumes;

/// <summary>
/// Binds in four writes, each of which says enough to go on after a crash: the volume names the claim, the volume is Bound, the
/// claim names the volume, the claim is Bound.
/// </summary>
internal sealed class ClaimBinding(ApiClient client)
{
    private const string BindCompleted = "pv.kubernetes.io/bind-completed";
    private const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    public static JsonObject Reference(PersistentVolumeClaim claim) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "PersistentVolumeClaim",
        ["namespace"] = claim.Metadata.Namespace,
        ["name"] = claim.Metadata.Name,
        ["uid"] = claim.Metadata.Uid,
    };

    public async Task BindAsync(PersistentVolumeClaim claim, PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            var body = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["resourceVersion"] = volume.Metadata.ResourceVersion,
                    ["annotations"] = new JsonObject { [BoundByController] = "yes" },
                },
                ["spec"] = new JsonObject { ["claimRef"] = Reference(claim) },
            };
            volume = (await client.PatchAsync(Kinds.PersistentVolumes, null, volume.Metadata.Name, Patch.Merge(body), cancellationToken)).OrThrow();
        }
        if (volume.Status.Phase != "Bound")
        {
            await SetPhaseAsync(volume, "Bound", cancellationToken);
        }
        await BindClaimAsync(claim, volume, cancellationToken);
    }

    public Task SetPhaseAsync(PersistentVolume volume, string phase, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["status"] = new JsonObject { ["phase"] = phase } };
        return client.PatchStatusAsync(Kinds.PersistentVolumes, null, volume.Metadata.Name, Patch.Merge(body), cancellationToken);
    }

    public async Task SetClaimPhaseAsync(PersistentVolumeClaim claim, string phase, CancellationToken cancellationToken)
    {
        if (claim.Status.Phase != phase)
        {
            var body = new JsonObject { ["status"] = new JsonObject { ["phase"] = phase } };
            await client.PatchStatusAsync(
                Kinds.PersistentVolumeClaims, claim.Metadata.Namespace, claim.Metadata.Name, Patch.Merge(body), cancellationToken);
        }
    }

    private async Task BindClaimAsync(PersistentVolumeClaim claim, PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (claim.Spec.VolumeName != volume.Metadata.Name || claim.Metadata.Annotations?.ContainsKey(BindCompleted) != true)
        {
            var body = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["annotations"] = new JsonObject { [BindCompleted] = "yes", [BoundByController] = "yes" },
                },
                ["spec"] = new JsonObject { ["volumeName"] = volume.Metadata.Name },
            };
            var patched = await client.PatchAsync(
                Kinds.PersistentVolumeClaims, claim.Metadata.Namespace, claim.Metadata.Name, Patch.Merge(body), cancellationToken);
            patched.OrThrow();
        }
        if (claim.Status.Phase != "Bound")
        {
            var status = new JsonObject
            {
                ["phase"] = "Bound",
                ["accessModes"] = new JsonArray([.. (volume.Spec.AccessModes ?? []).Select(mode => (JsonNode?)mode)]),
                ["capacity"] = new JsonObject([.. (volume.Spec.Capacity ?? new Dictionary<string, string>())
                    .Select(amount => KeyValuePair.Create(amount.Key, (JsonNode?)amount.Value))]),
            };
            var bound = await client.PatchStatusAsync(
                Kinds.PersistentVolumeClaims, claim.Metadata.Namespace, claim.Metadata.Name,
                Patch.Merge(new JsonObject { ["status"] = status }), cancellationToken);
            bound.OrThrow();
        }
    }
}
