using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>A kubelet changes its own node and the pods bound to it, and nobody else's; and of those only what is a kubelet's to say.</summary>
internal sealed class NodeRestriction(WatchFeed feed) : IAdmissionPlugin
{
    private static readonly GroupResource pods = new("", "pods");

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Scope.Request.User.NodeName is { } node && request.Operation != Operation.Connect && Problem(request, node) is { } problem)
        {
            throw Refusal.Forbidden(request.Scope.GroupResource, request.Name, problem);
        }

        return ValueTask.CompletedTask;
    }

    private string? Problem(AdmissionRequest request, string node) => (request.Scope.Resource.Group, request.Scope.Resource.Kind, request.Subresource) switch
    {
        ("", "Node", _) => NodeProblem(request, node),
        ("", "Pod", "") => PodProblem(request, node),
        ("", "Pod", "status") => StatusProblem(request, node),
        ("", "Pod", "eviction") => IsOnNode(request, request.Name, node) ? null : $"node {node} can only evict pods with spec.nodeName set to itself",
        ("", "Pod", var other) => $"unexpected pod subresource \"{other}\", only 'status' and 'eviction' are allowed",
        ("", "PersistentVolumeClaim", "status") => ClaimProblem(request, node),
        ("", "PersistentVolumeClaim", _) => "may only update PVC status",
        ("", "ServiceAccount", "token") => TokenProblem(request, node),
        ("coordination.k8s.io", "Lease", _) when request.Namespace != "kube-node-lease" => "can only access leases in the \"kube-node-lease\" system namespace",
        ("coordination.k8s.io", "Lease", _) => request.Name == node ? null : "can only access node lease with the same name as the requesting node",
        ("storage.k8s.io", "CSINode", _) => request.Name == node ? null : "can only access CSINode with the same name as the requesting node",
        ("resource.k8s.io", "ResourceSlice", _) => SliceProblem(request, node),
        _ => null,
    };

    private static string? NodeProblem(AdmissionRequest request, string node)
    {
        if (request.Name != node) { return $"node \"{node}\" is not allowed to modify node \"{request.Name}\""; }
        if (request.Operation == Operation.Delete) { return $"node \"{node}\" is not allowed to delete node \"{node}\""; }
        if (request.Old is { } old && !JsonNode.DeepEquals(request.Object!.Spec()?["taints"], old.Spec()?["taints"])) { return $"node \"{node}\" is not allowed to modify taints"; }
        var labels = NodeLabels.Forbidden(request.Old, request.Object!);
        if (labels.Length == 0) { return null; }
        return request.Old is null
            ? $"node \"{node}\" is not allowed to set the following labels: {string.Join(", ", labels)}"
            : $"is not allowed to modify labels: {string.Join(", ", labels)}";
    }

    private string? PodProblem(AdmissionRequest request, string node) => request.Operation switch
    {
        Operation.Create => MirrorProblem(request.Object!, node),
        Operation.Delete => ObjectMeta.Text(request.Old!["spec"], "nodeName") == node ? null : $"node \"{node}\" can only delete pods with spec.nodeName set to itself",
        var other => $"unexpected operation \"{other.Name()}\", node \"{node}\" can only create and delete mirror pods",
    };

    /// <summary>A mirror pod shows what a node runs by itself: it is that node's, and uses nothing of the cluster.</summary>
    private string? MirrorProblem(JsonObject pod, string node)
    {
        const string annotation = "kubernetes.io/config.mirror";
        if (pod.Metadata()?.Object("annotations")?[annotation] is null) { return $"pod does not have \"{annotation}\" annotation, node \"{node}\" can only create mirror pods"; }
        if (ObjectMeta.Text(pod["spec"], "nodeName") != node) { return $"node \"{node}\" can only create pods with spec.nodeName set to itself"; }
        if (OwnerProblem(pod, node) is { } problem) { return problem; }
        return MirrorReferences.Forbidden(pod) is { } kind ? $"node \"{node}\" can not create pods that reference {kind}" : null;
    }

    private string? OwnerProblem(JsonObject pod, string node)
    {
        if ((pod.Metadata()?.Items("ownerReferences").ToArray() ?? []) is not [var owner, .. var more]) { return $"node \"{node}\" can only create pods with an owner reference set to itself"; }
        if (more.Length > 0) { return $"node \"{node}\" can only create pods with a single owner reference set to itself"; }
        if ((owner.Text("apiVersion"), owner.Text("kind"), owner.Text("name")) != ("v1", "Node", node)) { return $"node \"{node}\" can only create pods with an owner reference set to itself"; }
        if (owner.Flag("controller") != true) { return $"node \"{node}\" can only create pods with a controller owner reference set to itself"; }
        if (owner.Flag("blockOwnerDeletion") == true) { return $"node \"{node}\" must not set blockOwnerDeletion on an owner reference"; }
        var uid = feed.Of(new("", "nodes")).Find("", node)?.Index.Field("metadata.uid") ?? "";
        return owner.Text("uid") == uid ? null : $"node {node} UID mismatch: expected {owner.Text("uid")} got {uid}";
    }

    private static string? StatusProblem(AdmissionRequest request, string node)
    {
        var (pod, old) = (request.Object!, request.Old!);
        if (ObjectMeta.Text(old["spec"], "nodeName") != node) { return $"node \"{node}\" can only update pod status for pods with spec.nodeName set to itself"; }
        if (!JsonNode.DeepEquals(pod.Metadata()?["labels"], old.Metadata()?["labels"])) { return $"node \"{node}\" cannot update labels through pod status"; }
        return JsonNode.DeepEquals(pod["status"]?["resourceClaimStatuses"], old["status"]?["resourceClaimStatuses"]) ? null : $"node \"{node}\" cannot update resource claim statues";
    }

    private static string? ClaimProblem(AdmissionRequest request, string node)
    {
        static JsonObject Rest(JsonObject claim)
        {
            var rest = claim.DeepClone().AsObject();
            foreach (var name in (string[])["resourceVersion", "managedFields"]) { rest.Metadata()?.Remove(name); }
            foreach (var name in (string[])["capacity", "conditions", "allocatedResourceStatuses", "allocatedResources"]) { rest.Object("status")?.Remove(name); }
            return rest;
        }

        return JsonNode.DeepEquals(Rest(request.Object!), Rest(request.Old!)) ? null : $"node \"{node}\" is not allowed to update fields other than status.capacity and status.conditions";
    }

    /// <summary>A node speaks for its pods, and for nobody else's service account.</summary>
    private string? TokenProblem(AdmissionRequest request, string node)
    {
        var reference = request.Object!.Spec()?.Object("boundObjectRef") ?? [];
        if ((reference.Text("apiVersion"), reference.Text("kind")) != ("v1", "Pod") || reference.Text("name") is not { Length: > 0 } name) { return "node requested token not bound to a pod"; }
        if (reference.Text("uid") is not { Length: > 0 }) { return "node requested token with a pod binding without a uid"; }
        return IsOnNode(request, name, node) ? null : "node requested token bound to a pod scheduled on a different node";
    }

    private static string? SliceProblem(AdmissionRequest request, string node) =>
        ObjectMeta.Text((request.Object ?? request.Old!)["spec"], "nodeName") == node ? null
            : request.Operation == Operation.Delete ? "can only delete ResourceSlice with the same NodeName as the requesting node"
            : "can only create ResourceSlice with the same NodeName as the requesting node";

    private bool IsOnNode(AdmissionRequest request, string pod, string node) =>
        (feed.Of(pods).Find(request.Namespace, pod) ?? throw Refusal.NotFound(pods, pod)).Index.Field("spec.nodeName") == node;
}
