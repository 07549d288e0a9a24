using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class ServiceDefaults
{
    private const long ClientIpTimeoutSeconds = 10_800;

    public static void Service(JsonObject service)
    {
        var spec = service.Ensure("spec");
        Affinity(spec);
        spec.Default("type", "ClusterIP");
        foreach (var port in spec.Items("ports"))
        {
            port.Default("protocol", "TCP");
            TargetPort(port);
        }

        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 }))
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }

        if (type is "NodePort" or "LoadBalancer" or "ClusterIP")
        {
            spec.DefaultMissing("internalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec.Default("allocateLoadBalancerNodePorts", true);
            foreach (var ingress in service.Object("status")?.Object("loadBalancer")?.Items("ingress") ?? [])
            {
                IngressMode(ingress);
            }
        }
    }

    public static void Endpoints(JsonObject endpoints)
    {
        foreach (var port in endpoints.Items("subsets").SelectMany(static subset => subset.Items("ports")))
        {
            port.Default("protocol", "TCP");
        }
    }

    public static void EndpointSlice(JsonObject slice)
    {
        foreach (var port in slice.Items("ports"))
        {
            port.DefaultMissing("name", "");
            port.DefaultMissing("protocol", "TCP");
        }
    }

    private static void Affinity(JsonObject spec)
    {
        spec.Default("sessionAffinity", "None");
        if (spec.Text("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        else if (spec.Text("sessionAffinity") == "ClientIP" && spec.Object("sessionAffinityConfig")?.Object("clientIP")?["timeoutSeconds"] is null)
        {
            spec.Ensure("sessionAffinityConfig").Ensure("clientIP")["timeoutSeconds"] = ClientIpTimeoutSeconds;
        }
    }

    private static void TargetPort(JsonObject port)
    {
        var isSet = port["targetPort"] is { } target && (target.GetValueKind() == JsonValueKind.String ? port.Has("targetPort") : port.Number("targetPort") != 0);
        if (!isSet)
        {
            port["targetPort"] = port.Number("port") ?? 0;
        }
    }

    private static void IngressMode(JsonObject ingress)
    {
        if (ingress.Has("ip"))
        {
            ingress.DefaultMissing("ipMode", "VIP");
        }
    }
}
