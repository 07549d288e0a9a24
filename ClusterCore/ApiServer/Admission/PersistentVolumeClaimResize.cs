using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>A claim grows only when it is bound, and its storage class says that its volumes can grow.</summary>
internal sealed class PersistentVolumeClaimResize(WatchFeed feed) : IAdmissionPlugin
{
    private static readonly GroupResource classes = new("storage.k8s.io", "storageclasses");

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Update || !request.Is("", "PersistentVolumeClaim")) { return ValueTask.CompletedTask; }
        var (claim, old) = (request.Object!, request.Old!);
        if (Storage(claim) is not { } wanted || Storage(old) is not { } current || wanted <= current) { return ValueTask.CompletedTask; }
        if (ObjectMeta.Text(old["status"], "phase") != "Bound") { throw Refuse(request, "Only bound persistent volume claims can be expanded"); }
        if (!CanGrow(ObjectMeta.Text(claim["spec"], "storageClassName")))
        {
            throw Refuse(request, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize");
        }

        return ValueTask.CompletedTask;
    }

    private bool CanGrow(string @class) => @class.Length > 0 && feed.Of(classes).Find("", @class)?.Index.Field("allowVolumeExpansion") == "true";

    private static Quantity? Storage(System.Text.Json.Nodes.JsonObject claim) =>
        Quantity.TryParse(ObjectMeta.Text(claim["spec"]?["resources"]?["requests"], "storage"), out var quantity) ? quantity : null;

    private static StatusException Refuse(AdmissionRequest request, string message) => Refusal.Forbidden(request.Scope.GroupResource, request.Name, message);
}
