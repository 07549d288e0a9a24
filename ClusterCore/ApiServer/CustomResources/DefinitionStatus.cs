using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>What a definition's status says: its names are taken, and it is served.</summary>
internal static class DefinitionStatus
{
    public static bool IsEstablished(JsonObject definition) =>
        (definition["status"]?["conditions"] as JsonArray ?? []).Any(one => ObjectMeta.Text(one, "type") == "Established" && ObjectMeta.Text(one, "status") == "True");

    public static void Set(JsonObject definition, DateTimeOffset now)
    {
        if (definition["status"] is not JsonObject status) { definition["status"] = status = []; }
        var (spec, names) = (definition["spec"], definition["spec"]?["names"]);
        if (status["conditions"] is not JsonArray conditions) { status["conditions"] = conditions = []; }
        SetCondition(conditions, "NamesAccepted", "NoConflicts", "no conflicts found", now);
        SetCondition(conditions, "Established", "InitialNamesAccepted", "the initial names have been accepted", now);
        if (!JsonNode.DeepEquals(status["acceptedNames"], names)) { status["acceptedNames"] = names?.DeepClone(); }
        var storage = (spec?["versions"] as JsonArray ?? []).FirstOrDefault(version => version?["storage"]?.GetValue<bool>() == true);
        var stored = (status["storedVersions"] as JsonArray ?? []).Select(one => one?.ToString() ?? "").ToList();
        var name = ObjectMeta.Text(storage, "name");
        if (name.Length == 0 || stored.Contains(name, StringComparer.Ordinal)) { return; }
        status["storedVersions"] = new JsonArray([.. stored.Append(name).Select(one => (JsonNode)one)]);
    }

    private static void SetCondition(JsonArray conditions, string type, string reason, string message, DateTimeOffset now)
    {
        if (conditions.Any(one => ObjectMeta.Text(one, "type") == type && ObjectMeta.Text(one, "status") == "True")) { return; }
        conditions.Add((JsonNode)new JsonObject
        {
            ["lastTransitionTime"] = ObjectMeta.Timestamp(now),
            ["message"] = message,
            ["reason"] = reason,
            ["status"] = "True",
            ["type"] = type,
        });
    }
}
