using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>Tells users what the node does for a pod, in the kubelet's own words.</summary>
internal sealed class PodEvents(EventRecorder recorder)
{
    public void Normal(Pod pod, PodContainer? container, string reason, string message) =>
        Record(pod, container, EventType.Normal, reason, message);

    public void Warning(Pod pod, PodContainer? container, string reason, string message) =>
        Record(pod, container, EventType.Warning, reason, message);

    private void Record(Pod pod, PodContainer? container, string type, string reason, string message) => recorder.Record(
        new ObjectReference
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Namespace = pod.Metadata.Namespace,
            Name = pod.Metadata.Name,
            Uid = pod.Metadata.Uid,
            ResourceVersion = pod.Metadata.ResourceVersion,
            FieldPath = container?.FieldPath,
        },
        type,
        reason,
        message);
}
