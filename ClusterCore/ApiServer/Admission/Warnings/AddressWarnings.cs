using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>Addresses and networks that programs may read in different ways, or that are not as others write them.</summary>
internal static class AddressWarnings
{
    public static IEnumerable<string> OfIp(string path, string text) => AddressRules.Parse(text) is not { } address ? []
        : AddressRules.HasLeadingZeros(text) || address.IsIPv4MappedToIPv6 ? [$"{path}: non-standard IP address \"{text}\" is invalid: use \"{AddressRules.Show(address)}\""]
        : AddressRules.Show(address) is var canonical && canonical != text ? [$"{path}: IPv6 address \"{text}\" should be in RFC 5952 canonical format (\"{canonical}\")"]
        : [];

    public static IEnumerable<string> OfCidr(string path, string text)
    {
        if (AddressRules.Split(text) is not var (address, _) || AddressRules.Network(text) is not { } network) { yield break; }
        var (shown, isAmbiguous) = (AddressRules.Show(network), !network.BaseAddress.Equals(address));
        var isOdd = AddressRules.HasLeadingZeros(text[..text.IndexOf('/')]) || text[(text.IndexOf('/') + 1)..] is ['0', _, ..] || address.IsIPv4MappedToIPv6;
        if (isAmbiguous)
        {
            var alone = $"{AddressRules.Show(address)}/{(AddressRules.Family(address) == "IPv4" ? 32 : 128)}";
            yield return $"{path}: CIDR value \"{text}\" is ambiguous in this context (should be \"{shown}\" or \"{alone}\"?)";
        }

        if (isOdd) { yield return $"{path}: non-standard CIDR value \"{text}\" is invalid: use \"{shown}\""; }
        if (!isAmbiguous && !isOdd && shown != text) { yield return $"{path}: IPv6 CIDR value \"{text}\" should be in RFC 5952 canonical format (\"{shown}\")"; }
    }

    public static IEnumerable<string> OfEndpoints(JsonObject endpoints) => IsManaged(endpoints, "endpoints.kubernetes.io/managed-by", "endpoint-controller") ? [] :
        from subset in endpoints.Items("subsets").Index()
        from list in (string[])["addresses", "notReadyAddresses"]
        from address in subset.Item.Items(list).Index()
        from warning in OfIp($"subsets[{subset.Index}].{list}[{address.Index}].ip", address.Item.Text("ip") ?? "")
        select warning;

    public static IEnumerable<string> OfSlice(JsonObject slice, bool isNew)
    {
        if (isNew && slice.Text("addressType") == "FQDN") { yield return "spec.addressType: FQDN endpoints are deprecated"; }
        if (IsManaged(slice, "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io")) { yield break; }
        foreach (var (index, endpoint) in slice.Items("endpoints").Index())
        {
            foreach (var (place, address) in endpoint.Texts("addresses").Index())
            {
                foreach (var warning in OfIp($"endpoints[{index}].addresses[{place}]", address)) { yield return warning; }
            }
        }
    }

    public static IEnumerable<string> OfPolicy(JsonObject policy) =>
        from direction in ((string Rules, string Peers)[])[("ingress", "from"), ("egress", "to")]
        from rule in (policy.Spec() ?? []).Items(direction.Rules).Index()
        from peer in rule.Item.Items(direction.Peers).Index()
        let at = $"spec.{direction.Rules}[{rule.Index}].{direction.Peers}[{peer.Index}].ipBlock"
        let block = peer.Item.Object("ipBlock") ?? []
        from warning in OfCidr($"{at}.cidr", block.Text("cidr") ?? "").Concat(block.Texts("except").SelectMany((except, index) => OfCidr($"{at}.except[{index}]", except)))
        select warning;

    /// <summary>Controllers of the cluster's own write addresses as they should be.</summary>
    private static bool IsManaged(JsonObject obj, string label, params string[] managers) =>
        managers.Contains(obj.Metadata()?.Object("labels")?.Text(label), StringComparer.Ordinal);
}
