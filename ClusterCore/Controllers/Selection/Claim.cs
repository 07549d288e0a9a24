using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Selection;

/// <summary>
/// Which objects belong to an owner by its selector: those it controls and selects, orphans it selects (to adopt), and those it
/// controls but no longer selects (to release). Another controller's objects are never touched.
/// </summary>
internal sealed record Claim<T>(IReadOnlyList<T> Owned, IReadOnlyList<T> Adopt, IReadOnlyList<T> Release) where T : KubernetesObject
{
    /// <summary>Owned and to be adopted: what the owner counts on.</summary>
    public IReadOnlyList<T> Claimed => Adopt.Count == 0 ? Owned : [.. Owned, .. Adopt];
}

internal static class Claim
{
    public static Claim<T> Compute<T>(KubernetesObject owner, LabelSelectorSpec? selector, IEnumerable<T> candidates)
        where T : KubernetesObject
    {
        List<T> owned = [], adopt = [], release = [];
        foreach (var candidate in candidates)
        {
            var matches = selector.Matches(candidate.Metadata.Labels);
            if (candidate.ControllerOwner() is { } controller)
            {
                if (controller.Uid == owner.Metadata.Uid)
                {
                    (matches ? owned : release).Add(candidate);
                }
            }
            else if (matches && candidate.Metadata.DeletionTimestamp is null && owner.Metadata.DeletionTimestamp is null)
            {
                adopt.Add(candidate);
            }
        }
        return new Claim<T>(owned, adopt, owner.Metadata.DeletionTimestamp is null ? release : []);
    }

    public static async Task ApplyAsync<TOwner, T>(
        this Claim<T> claim, ApiClient client, ResourceType<TOwner> ownerType, TOwner owner, ResourceType<T> type,
        CancellationToken cancellationToken) where T : KubernetesObject where TOwner : KubernetesObject
    {
        if (claim.Adopt.Count > 0 && await IsStillThereAsync(client, ownerType, owner, cancellationToken))
        {
            foreach (var orphan in claim.Adopt)
            {
                await PatchAsync(client, type, orphan, PodTemplates.ControllerReference(owner), cancellationToken);
            }
        }
        foreach (var stranger in claim.Release)
        {
            var away = new JsonObject { ["$patch"] = "delete", ["uid"] = owner.Metadata.Uid };
            await PatchAsync(client, type, stranger, away, cancellationToken);
        }
    }

    /// <summary>Asked of the server: an owner deleted a moment ago must not adopt what the garbage collector will then take.</summary>
    private static async Task<bool> IsStillThereAsync<TOwner>(
        ApiClient client, ResourceType<TOwner> type, TOwner owner, CancellationToken cancellationToken) where TOwner : KubernetesObject
    {
        var found = await client.GetAsync(type, owner.Metadata.Namespace, owner.Metadata.Name, cancellationToken);
        return found.Value is { Metadata.DeletionTimestamp: null } current && current.Metadata.Uid == owner.Metadata.Uid;
    }

    private static async Task PatchAsync<T>(
        ApiClient client, ResourceType<T> type, T value, JsonObject reference, CancellationToken cancellationToken)
        where T : KubernetesObject
    {
        // The UID in the metadata makes the patch fail on a successor of the same name.
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = value.Metadata.Uid, ["ownerReferences"] = new JsonArray(reference) },
        };
        var patched = await client.PatchAsync(
            type, value.Metadata.Namespace, value.Metadata.Name, Patch.Strategic(body), cancellationToken);
        if (patched is { Succeeded: false, IsNotFound: false, Failure.Code: not (409 or 422) })
        {
            patched.OrThrow();
        }
    }
}
