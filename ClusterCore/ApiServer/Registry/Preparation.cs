using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>The metadata only the server may write, and what of a write it takes from the object that is there.</summary>
internal static class Preparation
{
    private static readonly string[] serverOwned = ["uid", "creationTimestamp", "generation", "resourceVersion"];
    private static readonly string[] deletionMarks = ["deletionTimestamp", "deletionGracePeriodSeconds"];
    private static readonly string[] clientOwned = ["labels", "annotations", "finalizers", "ownerReferences"];

    public static void ForCreate(ResourceInfo resource, JsonObject obj, DateTimeOffset now)
    {
        var metadata = ObjectMeta.Of(obj);
        // Where nobody counts the generation it is whatever the client says.
        var ownGeneration = metadata["generation"]?.DeepClone();
        foreach (var name in (string[])[.. serverOwned, .. deletionMarks, "selfLink"]) { metadata.Remove(name); }
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = ObjectMeta.Timestamp(now);
        if (KindRules.HasGeneration(resource)) { metadata["generation"] = 1; }
        else if (ownGeneration is not null) { metadata["generation"] = ownGeneration; }

        if (KindRules.HasStatus(resource) && !KindRules.KeepsStatusAtBirth(resource)) { obj.Remove("status"); }
        if (obj["status"] is null && KindRules.FirstStatus(resource, obj) is { } status) { obj["status"] = status; }
        DroppedFields.Drop(resource, null, obj);
        if (resource is { Group: "", Kind: "Pod" }) { MatchLabelKeys.Merge(obj); }
        if (resource is { Group: "", Kind: "Namespace" }) { HoldNamespace(obj); }
        if (resource is { Group: "", Kind: "PersistentVolumeClaim" }) { ClaimDataSources.Settle(obj); }
        if (resource is { Group: "discovery.k8s.io", Kind: "EndpointSlice" }) { EndpointTopology.Drop(null, obj); }
        if (resource is { Group: "", Kind: "LimitRange" } && ObjectMeta.Name(obj).Length == 0) { metadata["name"] = Guid.NewGuid().ToString(); }
    }

    /// <summary>Nothing is born to be deleted.</summary>
    public static void ForgetDeletion(JsonObject obj)
    {
        if (obj["metadata"] is not JsonObject metadata) { return; }
        foreach (var name in deletionMarks) { metadata.Remove(name); }
    }

    /// <summary>The namespace and name the path says, or the body's where the path leaves them open.</summary>
    public static void Locate(ResourceInfo resource, JsonObject obj, RequestInfo info)
    {
        var metadata = ObjectMeta.Of(obj);
        if (resource.Namespaced)
        {
            var own = ObjectMeta.Namespace(obj);
            if (own.Length > 0 && own != info.Namespace)
            {
                throw Refusal.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
            }

            metadata["namespace"] = info.Namespace;
        }
        else
        {
            metadata.Remove("namespace");
        }

        if (info.Name.Length == 0) { return; }
        if (ObjectMeta.Name(obj).Length == 0) { metadata["name"] = info.Name; }
        CheckName(obj, info.Name);
    }

    /// <summary>An update names what it is of, in the body too.</summary>
    public static void CheckName(JsonObject obj, string wanted)
    {
        var name = ObjectMeta.Name(obj);
        if (name.Length == 0) { throw Refusal.BadRequest($"the name of the object ({wanted} based on URL) was undeterminable: name must be provided"); }
        if (name != wanted) { throw Refusal.BadRequest($"the name of the object ({name}) does not match the name on the URL ({wanted})"); }
    }

    /// <summary>An update of the object itself: status and the server's metadata stay as they are.</summary>
    public static void ForUpdate(ResourceInfo resource, JsonObject current, JsonObject next)
    {
        KeepServerMetadata(current, next);
        if (KindRules.HasStatus(resource)) { ObjectMeta.Copy(current, next, "status"); }
        DroppedFields.Drop(resource, current, next);
        if (resource is { Group: "", Kind: "Namespace" }) { KeepNamespaceFinalizers(current, next); }
        if (resource is { Group: "", Kind: "Service" })
        {
            ServiceAllocatedValues.Keep(current, next);
            ServiceTypeChange.Drop(current, next);
        }

        if (resource is { Group: "discovery.k8s.io", Kind: "EndpointSlice" }) { EndpointTopology.Drop(current, next); }
        if (resource is { Group: "apps", Kind: "DaemonSet" }) { TemplateGeneration.Count(current, next); }
        if (SigningRequests.Is(resource)) { ObjectMeta.Copy(current, next, "spec"); }
        if (resource is { Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition" }) { DefinitionStatus.RememberStorage(next); }
        if (KindRules.CountsGeneration(resource)) { CountGeneration(resource, current, next); }
    }

    /// <summary>An update of <c>/status</c>: everything but status and metadata stays as it is.</summary>
    public static void ForStatusUpdate(ResourceInfo resource, JsonObject current, JsonObject next)
    {
        KeepServerMetadata(current, next);
        foreach (var name in next.Select(member => member.Key).Concat(current.Select(member => member.Key)).Distinct(StringComparer.Ordinal).ToArray())
        {
            if (name is not ("status" or "metadata")) { ObjectMeta.Copy(current, next, name); }
        }

        var (from, to) = (ObjectMeta.Of(current), ObjectMeta.Of(next));
        if (resource.IsCustom())
        {
            var fields = to["managedFields"]?.DeepClone();
            next["metadata"] = from.DeepClone();
            ObjectMeta.Of(next)["managedFields"] = fields;
        }

        if (KindRules.StatusKeepsMetadata(resource)) { foreach (var name in clientOwned) { ObjectMeta.Copy(from, to, name); } }
        if (KindRules.StatusKeepsLabels(resource)) { ObjectMeta.Copy(from, to, "labels"); }
        if (resource is { Group: "", Kind: "Pod" }) { KeepPodStatus(current, next); }
    }

    /// <summary>What old kubelets got wrong, and the quality of service, which may be left out.</summary>
    private static void KeepPodStatus(JsonObject current, JsonObject next)
    {
        ObjectMeta.Copy(ObjectMeta.Of(current), ObjectMeta.Of(next), "ownerReferences");
        ObjectMeta.Copy(ObjectMeta.Of(current), ObjectMeta.Of(next), "deletionTimestamp");
        var status = next.Ensure("status");
        status["qosClass"] ??= current["status"]?["qosClass"]?.DeepClone();
    }

    public static void KeepServerMetadata(JsonObject current, JsonObject next)
    {
        var (from, to) = (ObjectMeta.Of(current), ObjectMeta.Of(next));
        foreach (var name in serverOwned) { ObjectMeta.Copy(from, to, name); }
        // What is being deleted stays so; what is not is not deleted by an update, and validation says it.
        if (ObjectMeta.IsDeleting(current)) { ObjectMeta.Copy(from, to, "deletionTimestamp"); }
        if (to["deletionGracePeriodSeconds"] is null) { ObjectMeta.Copy(from, to, "deletionGracePeriodSeconds"); }
    }

    /// <summary>A namespace is held by Kubernetes itself, beside whoever else holds it.</summary>
    private static void HoldNamespace(JsonObject obj)
    {
        var spec = obj.Ensure("spec");
        string[] finalizers = [.. spec.Texts("finalizers")];
        if (!finalizers.Contains("kubernetes", StringComparer.Ordinal)) { spec["finalizers"] = new JsonArray([.. finalizers.Append("kubernetes").Select(static name => (JsonNode)name)]); }
    }

    /// <summary>Only <c>/finalize</c> changes a namespace's own finalizers.</summary>
    private static void KeepNamespaceFinalizers(JsonObject current, JsonObject next)
    {
        if (next["spec"] is not JsonObject) { next["spec"] = new JsonObject(); }
        if (current["spec"] is JsonObject spec) { ObjectMeta.Copy(spec, next["spec"]!.AsObject(), "finalizers"); }
    }

    /// <summary>The generation counts changes of what is wanted: everything but metadata and status; and the start of a deletion.</summary>
    public static void CountGeneration(ResourceInfo resource, JsonObject current, JsonObject next)
    {
        var generation = ObjectMeta.Number(current["metadata"], "generation") ?? 0;
        if (WantsSomethingElse(resource, current, next)) { generation++; }
        if (generation > 0) { ObjectMeta.Of(next)["generation"] = generation; }
    }

    private static bool WantsSomethingElse(ResourceInfo resource, JsonObject current, JsonObject next)
    {
        if (KindRules.CountedMetadata(resource) is { } counted && !JsonNode.DeepEquals(current["metadata"]?[counted], next["metadata"]?[counted])) { return true; }
        var names = current.Select(member => member.Key).Concat(next.Select(member => member.Key)).Distinct(StringComparer.Ordinal);
        return names.Any(name =>
            name is not ("kind" or "apiVersion" or "metadata")
            && (name != "status" || !KindRules.HasStatus(resource))
            && !JsonNode.DeepEquals(current[name], next[name]));
    }
}
