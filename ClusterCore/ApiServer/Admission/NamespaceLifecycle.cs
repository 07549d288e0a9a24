using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Nothing is made in a namespace that is not there or is going away, and the cluster's own namespaces stay.</summary>
internal sealed class NamespaceLifecycle(WatchFeed feed, ObjectStore objects) : IAdmissionPlugin
{
    private static readonly GroupResource namespaces = new("", "namespaces");
    private static readonly HashSet<string> immortal = new(StringComparer.Ordinal) { "default", "kube-system", "kube-public" };

    public async ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation == Operation.Delete && request.Is("", "Namespace") && immortal.Contains(ObjectMeta.Name(request.Old!)))
        {
            throw Refusal.Forbidden(namespaces, ObjectMeta.Name(request.Old!), "this namespace may not be deleted");
        }

        if (request.Operation != Operation.Create || request.Namespace.Length == 0) { return; }
        if (request.Scope.Resource is { Group: "authorization.k8s.io" }) { return; }
        var (phase, isDeleting) = await StateAsync(request.Namespace, request.Scope.Aborted);
        if (phase != "Terminating" && !isDeleting) { return; }
        var name = ObjectMeta.Name(request.Object!);
        var refusal = Refusal.Forbidden(request.Scope.GroupResource, name,
            $"unable to create new content in namespace {request.Namespace} because it is being terminated");
        throw new StatusException(refusal.Status with
        {
            Causes = [new("NamespaceTerminating", $"namespace {request.Namespace} is being terminated", "metadata.namespace")],
        });
    }

    /// <summary>The cache may be a moment behind a namespace just made: the store is asked before a refusal.</summary>
    private async ValueTask<(string Phase, bool IsDeleting)> StateAsync(string name, CancellationToken cancellationToken)
    {
        if (feed.Of(namespaces).Find("", name) is { } entry)
        {
            return (entry.Index.Field("status.phase"), entry.Index.Field("metadata.deletionTimestamp").Length > 0);
        }

        var stored = await objects.GetAsync(new(namespaces, "", name), cancellationToken) ?? throw Refusal.NotFound(namespaces, name);
        var parsed = stored.Parse();
        return (ObjectMeta.Text(parsed["status"], "phase"), ObjectMeta.IsDeleting(parsed));
    }
}
