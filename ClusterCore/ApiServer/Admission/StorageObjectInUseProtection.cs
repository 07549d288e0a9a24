using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Volumes and claims carry a finalizer from birth, so that none goes away under a running pod.</summary>
internal sealed class StorageObjectInUseProtection : IAdmissionPlugin
{
    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create) { return ValueTask.CompletedTask; }
        if (request.Is("", "PersistentVolumeClaim")) { Add(request, "kubernetes.io/pvc-protection"); }
        if (request.Is("", "PersistentVolume")) { Add(request, "kubernetes.io/pv-protection"); }
        return ValueTask.CompletedTask;
    }

    private static void Add(AdmissionRequest request, string finalizer)
    {
        var finalizers = ObjectMeta.Finalizers(request.Object!);
        if (!finalizers.Contains(finalizer, StringComparer.Ordinal)) { ObjectMeta.SetFinalizers(request.Object!, [.. finalizers, finalizer]); }
    }
}
