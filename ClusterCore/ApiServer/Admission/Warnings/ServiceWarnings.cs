using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>What of a Service is out of date, or without effect beside the rest of it.</summary>
internal static class ServiceWarnings
{
    private const string TopologyAwareHints = "service.kubernetes.io/topology-aware-hints";

    public static IEnumerable<string> Of(JsonObject service)
    {
        var spec = service.Spec() ?? [];
        var hasExternalIps = spec.List("externalIPs") is { Count: > 0 };
        var isExternalName = spec.Text("type") == "ExternalName";
        var isHeadless = spec.Text("type") == "ClusterIP" && spec.Text("clusterIP") == "None";
        if (service.Metadata()?.Object("annotations")?.ContainsKey(TopologyAwareHints) == true)
        {
            yield return $"annotation {TopologyAwareHints} is deprecated, please use service.kubernetes.io/topology-mode instead";
        }

        foreach (var warning in isHeadless ? [] : Addresses(spec, "clusterIPs")) { yield return warning; }
        if (isHeadless)
        {
            if (spec.Text("loadBalancerIP") is { Length: > 0 }) { yield return "spec.loadBalancerIP is ignored for headless services"; }
            if (hasExternalIps) { yield return "spec.externalIPs is ignored for headless services"; }
            if (spec.Text("sessionAffinity") is not (null or "None")) { yield return "spec.SessionAffinity is ignored for headless services"; }
        }

        foreach (var warning in Addresses(spec, "externalIPs")) { yield return warning; }
        if (hasExternalIps && !isHeadless && !isExternalName) { yield return "spec.externalIPs is deprecated and may no longer be implemented in some clusters"; }
        foreach (var warning in Networks(spec)) { yield return warning; }
        if (hasExternalIps && isExternalName) { yield return "spec.externalIPs is ignored when spec.type is \"ExternalName\""; }
        if (!isExternalName && spec.Text("externalName") is { Length: > 0 }) { yield return "spec.externalName is ignored when spec.type is not \"ExternalName\""; }
        if (spec.Text("trafficDistribution") == "PreferClose") { yield return "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\""; }
    }

    private static IEnumerable<string> Addresses(JsonObject spec, string list) =>
        spec.Texts(list).SelectMany((address, index) => AddressWarnings.OfIp($"spec.{list}[{index}]", address));

    private static IEnumerable<string> Networks(JsonObject spec) => AddressWarnings.OfIp("spec.loadBalancerIP", spec.Text("loadBalancerIP") ?? "")
        .Concat(spec.Texts("loadBalancerSourceRanges").SelectMany(static (range, index) => AddressWarnings.OfCidr($"spec.loadBalancerSourceRanges[{index}]", range)));
}
