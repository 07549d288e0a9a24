using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>
/// A Service that becomes of another type loses what only its old type has, where the update leaves it as it was: a client that
/// changes nothing but <c>type</c> sends all of it back.
/// </summary>
internal static class ServiceTypeChange
{
    public static void Drop(JsonObject current, JsonObject next)
    {
        if (current.Spec() is not { } before || next.Spec() is not { } spec) { return; }
        if (HasAddress(before) && !HasAddress(spec)) { DropAddress(before, spec); }
        if (HasNodePorts(before) && !HasNodePorts(spec)) { DropNodePorts(before, spec); }
        if (ServiceTrafficValidation.NeedsHealthCheck(before) && !ServiceTrafficValidation.NeedsHealthCheck(spec)) { DropUnchanged(before, spec, "healthCheckNodePort"); }
        if (IsLoadBalancer(before) && !IsLoadBalancer(spec)) { DropUnchanged(before, spec, "allocateLoadBalancerNodePorts", "loadBalancerClass"); }
        if (IsExternal(before) && !IsExternal(spec)) { DropUnchanged(before, spec, "externalTrafficPolicy"); }
        if (!IsLoadBalancer(spec) && next.Object("status") is { } status) { status["loadBalancer"] = new JsonObject(); }
    }

    private static void DropAddress(JsonObject before, JsonObject spec)
    {
        if (IsSame(before, spec, "clusterIP") && IsSame(before, spec, "clusterIPs"))
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
        }

        DropUnchanged(before, spec, "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy");
    }

    private static void DropUnchanged(JsonObject before, JsonObject spec, params IEnumerable<string> names)
    {
        foreach (var name in names.Where(name => IsSame(before, spec, name))) { spec.Remove(name); }
    }

    /// <summary>Unless one is new: then validation says that there must be none.</summary>
    private static void DropNodePorts(JsonObject before, JsonObject spec)
    {
        var held = before.Items("ports").Select(NodePort).ToHashSet();
        if (!spec.Items("ports").Select(NodePort).All(port => port == 0 || held.Contains(port))) { return; }
        foreach (var port in spec.Items("ports")) { port.Remove("nodePort"); }
    }

    private static bool IsSame(JsonObject before, JsonObject spec, string name) => JsonNode.DeepEquals(before[name], spec[name]);

    private static long NodePort(JsonObject port) => port.Number("nodePort") ?? 0;

    private static bool HasAddress(JsonObject spec) => spec.Text("type") != "ExternalName";

    private static bool HasNodePorts(JsonObject spec) => spec.Text("type") is "NodePort" or "LoadBalancer";

    private static bool IsLoadBalancer(JsonObject spec) => spec.Text("type") == "LoadBalancer";

    private static bool IsExternal(JsonObject spec) => HasNodePorts(spec) || (spec.Text("type") == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 });
}
