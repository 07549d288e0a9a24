using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Defaulting;

internal static class NetworkDefaults
{
    public static void NetworkPolicy(JsonObject policy)
    {
        var spec = policy.Ensure("spec");
        foreach (var port in spec.Items("ingress").Concat(spec.Items("egress")).SelectMany(static rule => rule.Items("ports")))
        {
            port.DefaultMissing("protocol", "TCP");
        }

        if (spec.List("policyTypes") is not { Count: > 0 })
        {
            spec["policyTypes"] = spec.List("egress") is { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }
    }

    public static void IngressClass(JsonObject ingressClass) =>
        ingressClass.Spec()?.Object("parameters")?.DefaultMissing("scope", "Cluster");
}
