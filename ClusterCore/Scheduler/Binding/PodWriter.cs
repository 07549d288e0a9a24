using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Scheduler.Cluster;

namespace Flotilla.ClusterCore.Scheduler.Binding;

internal sealed class PodWriter(ApiClient client, EventRecorder recorder, TimeProvider clock) : IPodWriter
{
    public async Task<string?> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken)
    {
        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = pod.Name, ["namespace"] = pod.Namespace, ["uid"] = pod.Uid },
            ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = nodeName },
        };
        var path = Kinds.Pods.Path(pod.Namespace, pod.Name, "binding");
        var answer = await client.RequestAsync(HttpMethod.Post, path, binding, cancellationToken);
        return answer.Failure?.Message;
    }

    public async Task SetUnschedulableAsync(PodInfo pod, string reason, string message, string? nominatedNode, CancellationToken cancellationToken)
    {
        var now = pod.Scheduled;
        var nominationKept = nominatedNode is null || nominatedNode == pod.NominatedNodeName;
        if (now is { Status: "False" } && now.Reason == reason && now.Message == message && nominationKept) { return; }
        var status = new JsonObject { ["conditions"] = new JsonArray(Condition("PodScheduled", "False", reason, message, now)) };
        if (!nominationKept) { status["nominatedNodeName"] = nominatedNode is "" ? null : nominatedNode; }
        await PatchStatusAsync(pod, status, cancellationToken);
    }

    public async Task PreemptAsync(PodInfo victim, PodInfo preemptor, string nodeName, CancellationToken cancellationToken)
    {
        var message = $"{preemptor.SchedulerName}: preempting to accommodate a higher priority pod";
        var condition = Condition("DisruptionTarget", "True", "PreemptionByScheduler", message, null);
        await PatchStatusAsync(victim, new() { ["conditions"] = new JsonArray(condition) }, cancellationToken);
        var deleted = await client.DeleteAsync(Kinds.Pods, victim.Namespace, victim.Name, cancellationToken,
            new() { PreconditionUid = victim.Uid });
        if (deleted.Succeeded)
        {
            recorder.Record(ReferenceTo(victim), EventType.Normal, "Preempted", $"Preempted by pod {preemptor.Uid} on node {nodeName}", preemptor.SchedulerName);
        }
    }

    public Task NominateAsync(PodInfo pod, string nodeName, CancellationToken cancellationToken) => pod.NominatedNodeName == nodeName
        ? Task.CompletedTask
        : PatchStatusAsync(pod, new() { ["nominatedNodeName"] = nodeName }, cancellationToken);

    public Task ClearNominationAsync(PodInfo pod, CancellationToken cancellationToken) =>
        PatchStatusAsync(pod, new() { ["nominatedNodeName"] = null }, cancellationToken);

    public void RecordScheduled(PodInfo pod, string nodeName) =>
        recorder.Record(ReferenceTo(pod), EventType.Normal, "Scheduled", $"Successfully assigned {pod} to {nodeName}", pod.SchedulerName);

    public void RecordFailed(PodInfo pod, string message) =>
        recorder.Record(ReferenceTo(pod), EventType.Warning, "FailedScheduling", message, pod.SchedulerName);

    private async Task PatchStatusAsync(PodInfo pod, JsonObject status, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid }, ["status"] = status };
        var answer = await client.PatchStatusAsync(Kinds.Pods, pod.Namespace, pod.Name, Patch.Strategic(body), cancellationToken);
        // The pod is gone, or another of its name has come: neither needs a condition.
        if (!answer.IsNotFound && !answer.IsConflict) { answer.OrThrow(); }
    }

    private JsonObject Condition(string type, string status, string reason, string message, PodCondition? old) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["reason"] = reason,
        ["message"] = message,
        ["lastProbeTime"] = null,
        ["lastTransitionTime"] = TimeConverter.ToText(old?.Status == status && old.LastTransitionTime is { } since ? since : clock.GetUtcNow()),
    };

    private static ObjectReference ReferenceTo(PodInfo pod) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Namespace = pod.Namespace,
        Name = pod.Name,
        Uid = pod.Uid,
        ResourceVersion = pod.ResourceVersion,
    };
}
