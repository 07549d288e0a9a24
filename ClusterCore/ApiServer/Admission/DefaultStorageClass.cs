using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>A claim that names no class gets the default one; of several, the newest.</summary>
internal sealed class DefaultStorageClass(WatchFeed feed) : IAdmissionPlugin
{
    private const string Annotation = "storageclass.kubernetes.io/is-default-class";
    private static readonly GroupResource classes = new("storage.k8s.io", "storageclasses");

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !request.Is("", "PersistentVolumeClaim")) { return ValueTask.CompletedTask; }
        if (request.Object!["spec"] is not JsonObject spec || spec.ContainsKey("storageClassName")) { return ValueTask.CompletedTask; }
        var best = feed.Of(classes).List("").Entries.Select(entry => entry.Parse())
            .Where(one => ObjectMeta.Text(one["metadata"]?["annotations"], Annotation) == "true")
            .MaxBy(one => ObjectMeta.Text(one["metadata"], "creationTimestamp"), StringComparer.Ordinal);
        if (best is not null) { spec["storageClassName"] = ObjectMeta.Name(best); }
        return ValueTask.CompletedTask;
    }
}
