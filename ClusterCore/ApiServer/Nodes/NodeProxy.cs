using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>Passes logs, exec, attach and port-forward on to the kubelet of the pod's node.</summary>
internal sealed class NodeProxy
{
    public Task HandleAsync(Scope scope) => throw Refusal.MethodNotAllowed();
}
