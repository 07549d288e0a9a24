using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Jobs;

/// <summary>A pod of a job, kept by a finalizer until its end is counted.</summary>
internal static class TrackedPod
{
    public static bool IsTracked(Pod pod) => pod.Metadata.Finalizers?.Contains(JobPods.Finalizer, StringComparer.Ordinal) == true;

    public static async Task ReleaseAsync(ApiClient client, Pod pod, CancellationToken cancellationToken)
    {
        var kept = (pod.Metadata.Finalizers ?? []).Where(finalizer => finalizer != JobPods.Finalizer).Select(finalizer => (JsonNode?)finalizer).ToArray();
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = pod.Metadata.Uid,
                ["finalizers"] = kept.Length == 0 ? null : new JsonArray(kept),
            },
        };
        var patched = await client.PatchAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, Patch.Merge(body), cancellationToken);
        if (!patched.IsNotFound && !patched.IsConflict)
        {
            patched.OrThrow();
        }
    }
}
