using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.StatefulSets;

/// <summary>
/// Who owns a claim decides when it goes: the set, where claims are deleted with it; the pod as well, once scaling down has
/// condemned it; nobody, where claims are retained.
/// </summary>
internal static class ClaimRetention
{
    private const string Delete = "Delete";

    public static bool Owns(StatefulSet set) => set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenDeleted == Delete;

    public static bool GoesWithPod(StatefulSet set) => set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenScaled == Delete;

    /// <returns>The owners the claim should have; null where they are right.</returns>
    public static JsonArray? Owners(StatefulSet set, PersistentVolumeClaim claim, Pod? condemned)
    {
        var present = claim.Metadata.OwnerReferences ?? [];
        var wanted = present.Where(owner => owner.Uid != set.Metadata.Uid && !(owner.Kind == "Pod" && owner.Name.StartsWith(set.Metadata.Name + "-", StringComparison.Ordinal)))
            .Select(owner => (JsonNode)Reference(owner.ApiVersion, owner.Kind, owner.Name, owner.Uid, owner.Controller)).ToList();
        var goesWithPod = condemned is not null && GoesWithPod(set);
        // Of two owners both would have to go: a claim that goes with its pod is not the set's any more.
        if (Owns(set) && !goesWithPod)
        {
            wanted.Add(Reference(set.ApiVersion!, set.Kind!, set.Metadata.Name, set.Metadata.Uid!, true));
        }
        if (goesWithPod)
        {
            wanted.Add(Reference("v1", "Pod", condemned!.Metadata.Name, condemned.Metadata.Uid!, null));
        }
        var uids = wanted.Select(owner => (string?)owner["uid"]).ToHashSet();
        return uids.SetEquals(present.Select(owner => owner.Uid)) ? null : [.. wanted];
    }

    private static JsonObject Reference(string apiVersion, string kind, string name, string uid, bool? controller)
    {
        var reference = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["name"] = name, ["uid"] = uid };
        if (controller is { } value)
        {
            reference["controller"] = value;
        }
        return reference;
    }
}
