using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.FlowControl;

/// <summary>The condition <c>Dangling</c>: whether a flow schema leads to a priority level that is not there.</summary>
internal static class FlowSchemaStatus
{
    private const string Dangling = "Dangling";

    /// <summary>The flow schema as it should be; null when it says so already.</summary>
    public static JsonObject? Compute(JsonObject schema, string level, bool isThere, DateTimeOffset now)
    {
        var start = $"This FlowSchema references the PriorityLevelConfiguration object named \"{level}\"";
        var (status, reason, message) = isThere ? ("False", "Found", $"{start} and it exists") : ("True", "NotFound", $"{start} but there is no such object");
        var next = schema.DeepClone().AsObject();
        var own = next.Ensure("status");
        var condition = own.Items("conditions").FirstOrDefault(static one => one.Text("type") == Dangling) ?? New(own);
        if (condition.Text("status") == status && condition.Text("reason") == reason && condition.Text("message") == message) { return null; }
        if (condition.Text("status") != status) { condition["lastTransitionTime"] = ObjectMeta.Timestamp(now); }
        (condition["status"], condition["reason"], condition["message"]) = (status, reason, message);
        return next;
    }

    private static JsonObject New(JsonObject status)
    {
        if (status["conditions"] is not JsonArray conditions) { status["conditions"] = conditions = []; }
        var condition = new JsonObject { ["type"] = Dangling };
        conditions.Add((JsonNode)condition);
        return condition;
    }
}
