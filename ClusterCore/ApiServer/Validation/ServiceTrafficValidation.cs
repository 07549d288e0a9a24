using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Where a Service's traffic goes: affinity, policies, and what only a load balancer has.</summary>
internal static class ServiceTrafficValidation
{
    private const string NeedsClientIp = "when session affinity type is ClientIP";
    private const string LoadBalancerOnly = "may only be used when `type` is 'LoadBalancer'";

    public static void Affinity(JsonObject spec, FieldErrors errors)
    {
        Rules.RequiredOneOf(spec, "sessionAffinity", "spec", errors, "ClientIP", "None");
        if (spec.Text("sessionAffinity") == "None" && spec["sessionAffinityConfig"] is not null)
        {
            errors.Forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None");
        }

        if (spec.Text("sessionAffinity") != "ClientIP") { return; }
        if (spec.Object("sessionAffinityConfig") is not { } config) { errors.Required("spec.sessionAffinityConfig", NeedsClientIp); }
        else if (config.Object("clientIP") is not { } client) { errors.Required("spec.sessionAffinityConfig.clientIP", NeedsClientIp); }
        else if (client.Number("timeoutSeconds") is not { } timeout) { errors.Required("spec.sessionAffinityConfig.clientIP.timeoutSeconds", NeedsClientIp); }
        else if (timeout is <= 0 or > 86_400)
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, "must be greater than 0 and less than 86400");
        }
    }

    public static void LoadBalancer(JsonObject spec, FieldErrors errors)
    {
        if (spec["allocateLoadBalancerNodePorts"] is not null && !IsLoadBalancer(spec)) { errors.Forbidden("spec.allocateLoadBalancerNodePorts", LoadBalancerOnly); }
        if (spec["allocateLoadBalancerNodePorts"] is null && IsLoadBalancer(spec)) { errors.Required("allocateLoadBalancerNodePorts"); }
        Class(spec, errors);
    }

    public static void Policies(JsonObject spec, FieldErrors errors)
    {
        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 }))
        {
            Rules.RequiredOneOf(spec, "externalTrafficPolicy", "spec", errors, "Cluster", "Local");
        }
        else if (spec.Has("externalTrafficPolicy"))
        {
            errors.Invalid("spec.externalTrafficPolicy", spec.Text("externalTrafficPolicy"), "may only be set for externally-accessible services");
        }

        HealthCheck(spec, errors);
        if (spec["internalTrafficPolicy"] is null && type is "NodePort" or "LoadBalancer" or "ClusterIP") { errors.Required("spec.internalTrafficPolicy"); }
        Rules.OneOf(spec, "internalTrafficPolicy", "spec", errors, "Cluster", "Local");
        Rules.OneOf(spec, "trafficDistribution", "spec", errors, "PreferClose", "PreferSameZone", "PreferSameNode");
    }

    public static void Unchanged(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (IsLoadBalancer(spec) && IsLoadBalancer(before) && !JsonNode.DeepEquals(spec["loadBalancerClass"], before["loadBalancerClass"]))
        {
            errors.Invalid("spec.loadBalancerClass", spec["loadBalancerClass"], "may not change once set");
        }

        Class(spec, errors);
        if (NeedsHealthCheck(spec) && NeedsHealthCheck(before) && HealthPort(spec) != HealthPort(before))
        {
            errors.Forbidden("spec.healthCheckNodePort", Rules.Immutable);
        }
    }

    /// <summary>Such a load balancer asks the nodes which of them have endpoints, at a port of its own.</summary>
    public static bool NeedsHealthCheck(JsonObject spec) => IsLoadBalancer(spec) && spec.Text("externalTrafficPolicy") == "Local";

    private static void Class(JsonObject spec, FieldErrors errors)
    {
        if (IsLoadBalancer(spec)) { Rules.Given(spec, "loadBalancerClass", "spec", errors, ObjectNames.QualifiedName); }
        else if (spec["loadBalancerClass"] is not null) { errors.Forbidden("spec.loadBalancerClass", LoadBalancerOnly); }
    }

    private static void HealthCheck(JsonObject spec, FieldErrors errors)
    {
        var port = HealthPort(spec);
        if (NeedsHealthCheck(spec))
        {
            if (port == 0) { errors.Required("spec.healthCheckNodePort"); }
            else { errors.Check("spec.healthCheckNodePort", port, Rules.PortNumber(port)); }
        }
        else if (port != 0)
        {
            errors.Invalid("spec.healthCheckNodePort", port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
    }

    private static long HealthPort(JsonObject spec) => spec.Number("healthCheckNodePort") ?? 0;

    private static bool IsLoadBalancer(JsonObject spec) => spec.Text("type") == "LoadBalancer";
}
