using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>A kubelet changes its own node and the pods bound to it, and nobody else's.</summary>
internal sealed class NodeRestriction : IAdmissionPlugin
{
    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Scope.Request.User.NodeName is not { } node) { return ValueTask.CompletedTask; }
        if (request.Scope.Resource is { Group: "", Kind: "Node" }) { CheckNode(request, node); }
        if (request.Scope.Resource is { Group: "", Kind: "Pod" }) { CheckPod(request, node); }
        if (request.Scope.Resource is { Group: "coordination.k8s.io", Kind: "Lease" }) { CheckLease(request, node); }
        return ValueTask.CompletedTask;
    }

    private static void CheckNode(AdmissionRequest request, string node)
    {
        var name = ObjectMeta.Name(request.Object ?? request.Old!);
        if (name != node) { throw Refuse(request, name, $"node \"{node}\" is not allowed to modify node \"{name}\""); }
        if (request.Operation == Operation.Delete) { throw Refuse(request, name, $"node \"{node}\" is not allowed to delete node \"{name}\""); }
    }

    private static void CheckPod(AdmissionRequest request, string node)
    {
        var pod = request.Old ?? request.Object!;
        var name = ObjectMeta.Name(pod);
        if (request.Operation == Operation.Create && request.Object!["metadata"]?["annotations"]?["kubernetes.io/config.mirror"] is null)
        {
            throw Refuse(request, name, $"pod does not have \"kubernetes.io/config.mirror\" annotation, node \"{node}\" can only create mirror pods");
        }

        if (ObjectMeta.Text(pod["spec"], "nodeName") != node)
        {
            throw Refuse(request, name, $"node \"{node}\" can only {(request.Operation == Operation.Delete ? "delete" : "update")} pods with spec.nodeName set to itself");
        }
    }

    private static void CheckLease(AdmissionRequest request, string node)
    {
        var name = ObjectMeta.Name(request.Object ?? request.Old!);
        if (request.Namespace != "kube-node-lease") { throw Refuse(request, name, "can only access leases in the \"kube-node-lease\" system namespace"); }
        if (name != node) { throw Refuse(request, name, "can only access node lease with the same name as the requesting node"); }
    }

    private static StatusException Refuse(AdmissionRequest request, string name, string message) =>
        Refusal.Forbidden(request.Scope.GroupResource, name, message);
}
