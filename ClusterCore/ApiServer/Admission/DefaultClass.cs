using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>An object that names no class gets the one marked as default; of several, the newest.</summary>
internal sealed class DefaultClass(WatchFeed feed, GroupResource classes, string annotation, Func<AdmissionRequest, bool> applies, string field) : IAdmissionPlugin
{
    public static DefaultClass OfStorage(WatchFeed feed) => new(
        feed, new("storage.k8s.io", "storageclasses"), "storageclass.kubernetes.io/is-default-class",
        static request => request.Is("", "PersistentVolumeClaim") && !HasAnnotation(request, "volume.beta.kubernetes.io/storage-class"), "storageClassName");

    public static DefaultClass OfIngress(WatchFeed feed) => new(
        feed, new("networking.k8s.io", "ingressclasses"), "ingressclass.kubernetes.io/is-default-class",
        static request => request.Is("networking.k8s.io", "Ingress") && !HasAnnotation(request, "kubernetes.io/ingress.class"), "ingressClassName");

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !applies(request) || request.Object!.Spec() is not { } spec || spec.ContainsKey(field)) { return ValueTask.CompletedTask; }
        var best = feed.Of(classes).List("").Entries.Select(entry => entry.Parse())
            .Where(one => ObjectMeta.Text(one["metadata"]?["annotations"], annotation) == "true")
            .OrderByDescending(one => ObjectMeta.Text(one["metadata"], "creationTimestamp"), StringComparer.Ordinal)
            .ThenBy(ObjectMeta.Name, StringComparer.Ordinal).FirstOrDefault();
        if (best is not null) { spec[field] = ObjectMeta.Name(best); }
        return ValueTask.CompletedTask;
    }

    private static bool HasAnnotation(AdmissionRequest request, string name) => request.Object!["metadata"]?["annotations"]?[name] is JsonValue;
}
