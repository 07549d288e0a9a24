using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>
/// A Service that becomes of another type loses what only its old type has, where the update leaves it as it was: a client that
/// changes nothing but <c>type</c> sends all of it back.
/// </summary>
internal static class ServiceTypeChange
{
    private static readonly string[] clusterFields = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"];

    public static void Drop(JsonObject current, JsonObject next)
    {
        if (current["spec"] is not JsonObject before || next["spec"] is not JsonObject spec || Type(before) == Type(spec)) { return; }
        if (Type(spec) == "ExternalName") { DropUnchanged(before, spec, clusterFields); }
        if (IsExternal(before) && !IsExternal(spec))
        {
            DropUnchanged(before, spec, "externalTrafficPolicy", "healthCheckNodePort");
            DropNodePorts(before, spec);
        }

        if (Type(before) == "LoadBalancer") { DropUnchanged(before, spec, "allocateLoadBalancerNodePorts", "loadBalancerClass"); }
    }

    private static void DropUnchanged(JsonObject before, JsonObject spec, params IEnumerable<string> names)
    {
        foreach (var name in names.Where(name => JsonNode.DeepEquals(before[name], spec[name]))) { spec.Remove(name); }
    }

    private static void DropNodePorts(JsonObject before, JsonObject spec)
    {
        var held = Ports(before).Select(port => ObjectMeta.Number(port, "nodePort")).ToHashSet();
        foreach (var port in Ports(spec).Where(port => held.Contains(ObjectMeta.Number(port, "nodePort")))) { port.Remove("nodePort"); }
    }

    private static IEnumerable<JsonObject> Ports(JsonObject spec) => (spec["ports"] as JsonArray ?? []).OfType<JsonObject>();

    private static bool IsExternal(JsonObject spec) => Type(spec) is "NodePort" or "LoadBalancer";

    private static string Type(JsonObject spec) => ObjectMeta.Text(spec, "type") is { Length: > 0 } type ? type : "ClusterIP";
}
