using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>A pod stays on a node that fails for five minutes, unless it says otherwise.</summary>
internal sealed class DefaultTolerationSeconds : IAdmissionPlugin
{
    private const int Seconds = 300;
    private static readonly string[] keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public ValueTask MutateAsync(AdmissionRequest request)
    {
        if (request.Operation is not (Operation.Create or Operation.Update) || !request.Is("", "Pod") || request.Object!["spec"] is not JsonObject spec)
        {
            return ValueTask.CompletedTask;
        }

        if (spec["tolerations"] is not JsonArray tolerations) { tolerations = []; }
        var missing = keys.Where(key => !tolerations.Any(one => Tolerates(one, key))).ToArray();
        if (missing.Length == 0) { return ValueTask.CompletedTask; }
        foreach (var key in missing)
        {
            tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = Seconds });
        }

        if (tolerations.Parent is null) { spec["tolerations"] = tolerations; }
        return ValueTask.CompletedTask;
    }

    private static bool Tolerates(JsonNode? toleration, string key) =>
        ObjectMeta.Text(toleration, "key") is var own && (own == key || own.Length == 0)
        && ObjectMeta.Text(toleration, "effect") is "" or "NoExecute";
}
