using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>A pod that gets its node gets the zone and region of it as labels, through its binding or from birth.</summary>
internal sealed class PodTopologyLabels(WatchFeed feed) : IAdmissionPlugin
{
    private static readonly GroupResource nodes = new("", "nodes");
    private static readonly string[] topology = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create) { return ValueTask.CompletedTask; }
        if (request.Is("", "Pod", "binding")) { Label(request.Object!, ObjectMeta.Text(request.Object!["target"], "name")); }
        if (request.Is("", "Pod")) { Label(request.Object!, ObjectMeta.Text(request.Object!["spec"], "nodeName")); }
        return ValueTask.CompletedTask;
    }

    private void Label(JsonObject obj, string node)
    {
        if (node.Length == 0 || feed.Of(nodes).Find("", node) is not { } found) { return; }
        foreach (var name in topology)
        {
            if (found.Index.Labels.GetValueOrDefault(name) is { } value) { ObjectMeta.Of(obj).Ensure("labels")[name] ??= value; }
        }
    }
}
