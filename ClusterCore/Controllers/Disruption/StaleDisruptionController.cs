using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Disruption;

/// <summary>Takes back what was said of pods that were to be disrupted and were not: whoever counts disruptions would be misled.</summary>
internal sealed class StaleDisruptionController : ReconcilingController
{
    private readonly Informer<Pod> pods;

    public StaleDisruptionController(ControllerContext context) : base("stale-pod-disruption-controller", context, workers: 1)
    {
        pods = context.Informers.Pods();
        pods.AddHandler(change =>
        {
            if (change.New?.Condition("DisruptionTarget") is { Status: "True" })
            {
                Queue.Add(change.Key);
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Find(key) is not { } pod)
        {
            return ReconcileResult.Done;
        }
        var now = Clock.GetUtcNow();
        var plan = StaleDisruptionPlan.Compute(pod, now);
        if (plan.TakeBack)
        {
            var condition = new JsonObject { ["type"] = "DisruptionTarget", ["status"] = "False", ["lastTransitionTime"] = TimeConverter.ToText(now) };
            var body = new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
                ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) },
            };
            await Client.PatchStatusAsync(Kinds.Pods, key.Namespace, key.Name, Patch.Strategic(body), cancellationToken);
        }
        return new(plan.RequeueAfter);
    }
}
