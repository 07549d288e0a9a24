using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>A claim says in two fields what its volume is made from: the older takes claims and snapshots only, and both say the same.</summary>
internal static class ClaimDataSources
{
    public static void Settle(JsonObject claim)
    {
        if (claim.Spec() is not { } spec) { return; }
        // Sources in other namespaces are an alpha feature.
        if (spec.Object("dataSourceRef")?.Has("namespace") == true) { spec.Remove("dataSourceRef"); }
        if (spec.Object("dataSource") is { } older)
        {
            if (spec["dataSourceRef"] is not null) { return; }
            if (IsClaimOrSnapshot(older)) { spec["dataSourceRef"] = older.DeepClone(); }
            else { spec.Remove("dataSource"); }
        }
        else if (spec.Object("dataSourceRef") is { } newer) { spec["dataSource"] = newer.DeepClone(); }
    }

    private static bool IsClaimOrSnapshot(JsonObject source) => (source.Text("apiGroup") ?? "", source.Text("kind")) is ("", "PersistentVolumeClaim") or ("snapshot.storage.k8s.io", "VolumeSnapshot");
}
