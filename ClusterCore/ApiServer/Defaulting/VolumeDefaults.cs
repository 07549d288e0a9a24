using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class VolumeDefaults
{
    /// <summary>0644</summary>
    private const long FileMode = 420;

    public static void Volume(JsonObject volume)
    {
        if (volume.All(static member => member.Key == "name" || member.Value is null))
        {
            volume["emptyDir"] = new JsonObject();
        }

        Source(volume);
        volume.Object("secret")?.Default("defaultMode", FileMode);
        volume.Object("configMap")?.Default("defaultMode", FileMode);
        if (volume.Object("image") is { } image)
        {
            image.Default("pullPolicy", ContainerDefaults.PullPolicy(image.Text("reference")));
        }

        if (volume.Object("downwardAPI") is { } downward)
        {
            downward.Default("defaultMode", FileMode);
            DownwardFiles(downward);
        }

        if (volume.Object("projected") is { } projected)
        {
            Projected(projected);
        }

        if (volume.Object("ephemeral")?.Object("volumeClaimTemplate")?.Object("spec") is { } claim)
        {
            StorageDefaults.ClaimSpec(claim);
        }
    }

    /// <summary>What a pod's volume and a PersistentVolume have in common.</summary>
    public static void Source(JsonObject source)
    {
        if (source.Object("hostPath") is { } hostPath && hostPath["type"] is null)
        {
            hostPath["type"] = "";
        }

        source.Object("iscsi")?.Default("iscsiInterface", "default");
        if (source.Object("rbd") is { } rbd)
        {
            rbd.Default("pool", "rbd");
            rbd.Default("user", "admin");
            rbd.Default("keyring", "/etc/ceph/keyring");
        }

        if (source.Object("azureDisk") is { } azure)
        {
            azure.DefaultMissing("cachingMode", "ReadWrite");
            azure.DefaultMissing("fsType", "ext4");
            azure.Default("readOnly", false);
            azure.DefaultMissing("kind", "Shared");
        }

        if (source.Object("scaleIO") is { } scaleIo)
        {
            scaleIo.Default("storageMode", "ThinProvisioned");
            scaleIo.Default("fsType", "xfs");
        }
    }

    private static void Projected(JsonObject projected)
    {
        projected.Default("defaultMode", FileMode);
        foreach (var source in projected.Items("sources"))
        {
            source.Object("serviceAccountToken")?.Default("expirationSeconds", 3600);
            if (source.Object("downwardAPI") is { } downward)
            {
                DownwardFiles(downward);
            }
        }
    }

    private static void DownwardFiles(JsonObject downward)
    {
        foreach (var file in downward.Items("items"))
        {
            ContainerDefaults.FieldReference(file.Object("fieldRef"));
            ContainerDefaults.Divisor(file.Object("resourceFieldRef"));
        }
    }
}
