using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>
/// What a Service was given it keeps, where an update leaves it out: who writes the whole object knows what they want, not which
/// address and ports that came to.
/// </summary>
internal static class ServiceAllocatedValues
{
    public static void Keep(JsonObject current, JsonObject next)
    {
        if (current["spec"] is not JsonObject before || next["spec"] is not JsonObject spec) { return; }
        if (HasAddress(before) && HasAddress(spec)) { KeepAddress(before, spec); }
        FollowAddress(before, spec);
        if (HasNodePorts(before) && HasNodePorts(spec)) { KeepNodePorts(before, spec); }
        if (HasHealthPort(before) && HasHealthPort(spec) && ObjectMeta.Number(spec, "healthCheckNodePort") is null or 0)
        {
            ObjectMeta.Copy(before, spec, "healthCheckNodePort");
        }
    }

    /// <summary>A list of one is left out by who knows of the one only.</summary>
    public static void CompleteAddresses(JsonObject service)
    {
        if (service["spec"] is JsonObject spec && spec["clusterIPs"] is not JsonArray { Count: > 0 } && ObjectMeta.Text(spec, "clusterIP") is { Length: > 0 } address)
        {
            spec["clusterIPs"] = new JsonArray(address);
        }
    }

    private static void KeepAddress(JsonObject before, JsonObject spec)
    {
        if (ObjectMeta.Text(spec, "clusterIP").Length == 0) { ObjectMeta.Copy(before, spec, "clusterIP"); }
        if (spec["clusterIPs"] is not JsonArray { Count: > 0 }) { ObjectMeta.Copy(before, spec, "clusterIPs"); }
    }

    /// <summary>Who knows of one address only changes that one, and means the list of it too.</summary>
    private static void FollowAddress(JsonObject before, JsonObject spec)
    {
        var (address, held) = (ObjectMeta.Text(spec, "clusterIP"), ObjectMeta.Text(before, "clusterIP"));
        if (address == held || !JsonNode.DeepEquals(spec["clusterIPs"], before["clusterIPs"])) { return; }
        if (address.Length > 0) { spec["clusterIPs"] = new JsonArray(address); }
        else { spec.Remove("clusterIPs"); }
    }

    /// <summary>By the names of the ports, unless another port of the Service has the number now.</summary>
    private static void KeepNodePorts(JsonObject before, JsonObject spec)
    {
        var taken = Ports(spec).Select(NodePort).Where(static port => port != 0).ToHashSet();
        foreach (var port in Ports(spec).Where(static port => NodePort(port) == 0))
        {
            var same = Ports(before).LastOrDefault(one => ObjectMeta.Text(one, "name") == ObjectMeta.Text(port, "name"));
            if (same is not null && NodePort(same) is not 0 and var held && taken.Add(held)) { port["nodePort"] = held; }
        }
    }

    private static IEnumerable<JsonObject> Ports(JsonObject spec) => (spec["ports"] as JsonArray ?? []).OfType<JsonObject>();

    private static long NodePort(JsonObject port) => ObjectMeta.Number(port, "nodePort") ?? 0;

    private static string Type(JsonObject spec) => ObjectMeta.Text(spec, "type") is { Length: > 0 } type ? type : "ClusterIP";

    private static bool HasAddress(JsonObject spec) => Type(spec) != "ExternalName";

    private static bool HasNodePorts(JsonObject spec) => Type(spec) switch
    {
        "NodePort" => true,
        "LoadBalancer" => spec["allocateLoadBalancerNodePorts"] is not JsonValue value || value.GetValue<bool>(),
        _ => false,
    };

    private static bool HasHealthPort(JsonObject spec) => Type(spec) == "LoadBalancer" && ObjectMeta.Text(spec, "externalTrafficPolicy") == "Local";
}
