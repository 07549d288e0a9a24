using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class StorageDefaults
{
    public static void PersistentVolume(JsonObject volume)
    {
        volume.Ensure("status").Default("phase", "Pending");
        var spec = volume.Ensure("spec");
        spec.Default("persistentVolumeReclaimPolicy", "Retain");
        spec.Default("volumeMode", "Filesystem");
        VolumeDefaults.Source(spec);
    }

    public static void PersistentVolumeClaim(JsonObject claim)
    {
        claim.Ensure("status").Default("phase", "Pending");
        ClaimSpec(claim.Ensure("spec"));
    }

    public static void ClaimSpec(JsonObject spec) => spec.Default("volumeMode", "Filesystem");

    public static void StorageClass(JsonObject storageClass)
    {
        storageClass.Default("reclaimPolicy", "Delete");
        storageClass.Default("volumeBindingMode", "Immediate");
    }

    public static void CsiDriver(JsonObject driver)
    {
        var spec = driver.Ensure("spec");
        spec.Default("attachRequired", true);
        spec.Default("podInfoOnMount", false);
        spec.Default("storageCapacity", false);
        spec.Default("fsGroupPolicy", "ReadWriteOnceWithFSType");
        spec.Default("requiresRepublish", false);
        spec.Default("seLinuxMount", false);
        if (spec.List("volumeLifecycleModes") is not { Count: > 0 })
        {
            spec["volumeLifecycleModes"] = new JsonArray("Persistent");
        }
    }
}
