using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Nodes;

/// <summary>Tells users what happens to the node itself. As upstream, a node's events name it also where others have a uid.</summary>
internal sealed class NodeEvents(EventRecorder recorder, string nodeName)
{
    private readonly ObjectReference node = new() { ApiVersion = "v1", Kind = "Node", Name = nodeName, Uid = nodeName };

    public void Normal(string reason, string message) => recorder.Record(node, EventType.Normal, reason, message);

    public void Warning(string reason, string message) => recorder.Record(node, EventType.Warning, reason, message);
}
