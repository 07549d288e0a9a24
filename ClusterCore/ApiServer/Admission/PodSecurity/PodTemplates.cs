using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

/// <summary>Where workloads keep the template of their pods.</summary>
internal static class PodTemplates
{
    public static JsonObject? Of(ResourceInfo resource, JsonObject obj) => (resource.Group, resource.Kind) switch
    {
        ("", "PodTemplate") => obj.Object("template"),
        ("", "ReplicationController") or ("batch", "Job") or ("apps", "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet") => obj.Spec()?.Object("template"),
        ("batch", "CronJob") => obj.Spec()?.Object("jobTemplate")?.Spec()?.Object("template"),
        _ => null,
    };

    /// <summary>Whether an update of a pod brings an image or a container that has not been looked at: little else of a pod can change.</summary>
    public static bool ChangesContainers(JsonObject old, JsonObject pod) =>
        Images(old, "initContainers") != Images(pod, "initContainers") || Images(old, "containers") != Images(pod, "containers")
        || Images(old, "ephemeralContainers") != Images(pod, "ephemeralContainers");

    private static string Images(JsonObject pod, string list) =>
        string.Join('\n', (pod.Spec()?.Items(list) ?? []).Select(container => $"{container.Text("name")}={container.Text("image")}"));
}
