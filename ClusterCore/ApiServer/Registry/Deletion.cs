using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

internal enum DeletionStep { Remove, Mark, Nothing }

/// <summary>What deleting an object comes to now: gone at once, or marked and left to whoever holds it.</summary>
/// <param name="Last">The object as it is marked, or as it goes.</param>
internal sealed record Deletion(DeletionStep Step, JsonObject Last)
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";

    public static Deletion Compute(ResourceInfo resource, JsonObject current, DeleteOptions options, DateTimeOffset now)
    {
        var next = current.DeepClone().AsObject();
        ObjectMeta.SetFinalizers(next, Finalizers(resource, current, options));
        var grace = GraceOf(resource, current, options);
        var metadata = ObjectMeta.Of(next);
        var before = ObjectMeta.Number(metadata, "deletionGracePeriodSeconds");
        var isHeld = grace > 0 || ObjectMeta.Finalizers(next).Count > 0 || HoldsNamespace(resource, current);
        // Only what ends gracefully is marked before it goes.
        if (!isHeld && !IsPod(resource)) { return new(DeletionStep.Remove, current); }
        if (!ObjectMeta.IsDeleting(current))
        {
            Mark(resource, next, grace, now);
        }
        else if (grace < before)
        {
            // A shorter grace counts from the moment the deletion was first asked for.
            var asked = DateTimeOffset.Parse(metadata["deletionTimestamp"]!.ToString()).AddSeconds(-before.Value);
            metadata["deletionGracePeriodSeconds"] = grace;
            metadata["deletionTimestamp"] = ObjectMeta.Timestamp(asked.AddSeconds(grace));
        }

        if (!isHeld) { return new(DeletionStep.Remove, next); }
        return new(JsonNode.DeepEquals(current, next) ? DeletionStep.Nothing : DeletionStep.Mark, next);
    }

    /// <summary>Whether an update took away the last thing that held a deleted object.</summary>
    public static bool IsComplete(ResourceInfo resource, JsonObject obj) =>
        ObjectMeta.IsDeleting(obj)
        && ObjectMeta.Finalizers(obj).Count == 0
        && (ObjectMeta.Number(obj["metadata"], "deletionGracePeriodSeconds") ?? 0) == 0
        && !HoldsNamespace(resource, obj);

    private static void Mark(ResourceInfo resource, JsonObject obj, long grace, DateTimeOffset now)
    {
        var metadata = ObjectMeta.Of(obj);
        metadata["deletionTimestamp"] = ObjectMeta.Timestamp(now.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        if (ObjectMeta.Number(metadata, "generation") is { } generation and > 0) { metadata["generation"] = generation + 1; }
        if (IsNamespace(resource))
        {
            metadata.Remove("deletionGracePeriodSeconds");
            if (obj["status"] is not JsonObject) { obj["status"] = new JsonObject(); }
            obj["status"]!["phase"] = "Terminating";
        }
    }

    private static long GraceOf(ResourceInfo resource, JsonObject obj, DeleteOptions options)
    {
        if (!IsPod(resource)) { return 0; }
        var wanted = options.GracePeriodSeconds ?? ObjectMeta.Number(obj["spec"], "terminationGracePeriodSeconds") ?? 30;
        var isUnscheduled = ObjectMeta.Text(obj["spec"], "nodeName").Length == 0;
        var isFinished = ObjectMeta.Text(obj["status"], "phase") is "Succeeded" or "Failed";
        // Upstream turns a negative grace into the smallest one there is.
        return isUnscheduled || isFinished ? 0 : wanted < 0 ? 1 : wanted;
    }

    private static List<string> Finalizers(ResourceInfo resource, JsonObject obj, DeleteOptions options)
    {
        var finalizers = ObjectMeta.Finalizers(obj).ToList();
        var isDecided = finalizers.Any(static one => one is Orphan or Foreground);
        var policy = options.PropagationPolicy ?? (KindRules.OrphansByDefault(resource) && !isDecided ? "Orphan" : null);
        if (policy is null || !KindRules.HasDependents(resource)) { return finalizers; }
        finalizers.RemoveAll(one => one is Orphan or Foreground);
        if (policy == "Orphan") { finalizers.Add(Orphan); }
        if (policy == "Foreground") { finalizers.Add(Foreground); }
        return finalizers;
    }

    private static bool IsPod(ResourceInfo resource) => resource is { Group: "", Kind: "Pod" };

    private static bool IsNamespace(ResourceInfo resource) => resource is { Group: "", Kind: "Namespace" };

    private static bool HoldsNamespace(ResourceInfo resource, JsonObject obj) =>
        IsNamespace(resource) && obj["spec"]?["finalizers"] is JsonArray { Count: > 0 };

    public static void CheckPreconditions(Scope scope, JsonObject current, DeleteOptions options)
    {
        // Upstream names the kind here, and not the resource.
        var (kind, name) = (new GroupResource(scope.Resource.Group, scope.Resource.Kind), ObjectMeta.Name(current));
        if (options.Uid is { } uid && uid != ObjectMeta.Uid(current))
        {
            throw Refusal.Conflict(kind, name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({ObjectMeta.Uid(current)}). The object might have been deleted and then recreated");
        }

        if (options.ResourceVersion is { } version && version != ObjectMeta.ResourceVersion(current))
        {
            throw Refusal.Conflict(kind, name,
                $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({ObjectMeta.ResourceVersion(current)}). The object might have been modified");
        }
    }
}
