using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>A new node takes no pods until it has said that it is ready.</summary>
internal sealed class TaintNodesByCondition : IAdmissionPlugin
{
    private const string NotReady = "node.kubernetes.io/not-ready";

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation != Operation.Create || !request.Is("", "Node")) { return ValueTask.CompletedTask; }
        var node = request.Object!;
        if (node["spec"] is not JsonObject spec) { node["spec"] = spec = []; }
        if (spec["taints"] is not JsonArray taints) { spec["taints"] = taints = []; }
        if (!taints.Any(taint => ObjectMeta.Text(taint, "key") == NotReady)) { taints.Add((JsonNode)new JsonObject { ["key"] = NotReady, ["effect"] = "NoSchedule" }); }
        return ValueTask.CompletedTask;
    }
}
