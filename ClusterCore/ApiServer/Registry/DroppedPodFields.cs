using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Of pods, and of templates of pods, what belongs to features that Kubernetes has switched off by default.</summary>
internal static class DroppedPodFields
{
    private static readonly string[] projections = ["clusterTrustBundle", "podCertificate"];

    public static void Drop(ResourceInfo resource, JsonObject? old, JsonObject obj)
    {
        if (PodOf(resource, obj) is not { } pod) { return; }
        var before = old is null ? [] : PodOf(resource, old) ?? [];
        if (before["schedulingGroup"] is null) { pod.Remove("schedulingGroup"); }
        foreach (var kind in projections)
        {
            if (Sources(before).Any(source => source[kind] is not null)) { continue; }
            foreach (var source in Sources(pod)) { source.Remove(kind); }
        }
    }

    private static IEnumerable<JsonObject> Sources(JsonObject pod) => pod.Items("volumes").SelectMany(static volume => volume.Object("projected")?.Items("sources") ?? []);

    private static JsonObject? PodOf(ResourceInfo resource, JsonObject obj) => KindRules.Id(resource) switch
    {
        "/Pod" => obj.Spec(),
        "/PodTemplate" => obj.Object("template")?.Spec(),
        "batch/CronJob" => obj.Spec()?.Object("jobTemplate")?.Spec()?.Object("template")?.Spec(),
        "/ReplicationController" or "apps/Deployment" or "apps/ReplicaSet" or "apps/StatefulSet" or "apps/DaemonSet" or "batch/Job" =>
            obj.Spec()?.Object("template")?.Spec(),
        _ => null,
    };
}
