using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>A Service's addresses in the cluster, their families, and those it has outside.</summary>
internal static class ServiceAddressValidation
{
    private const string SourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
    private const string Once = "may not change once set";

    /// <param name="before">The spec as it was: what it holds already is not looked at again.</param>
    public static void ClusterAddresses(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (spec.Text("type") == "ExternalName") { return; }
        string[] addresses = [.. spec.Texts("clusterIPs")];
        First(spec, addresses, errors);
        Families(spec, errors);
        Rules.OneOf(spec, "ipFamilyPolicy", "spec", errors, "PreferDualStack", "RequireDualStack", "SingleStack");
        var areAddresses = AreAddresses(spec, addresses, before, errors);
        if (addresses.Length > 2) { errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "may only hold up to 2 values"); }
        if (!areAddresses) { return; }
        if (addresses.Length > 1 && addresses.Select(AddressRules.Family).Distinct().Count() != 2)
        {
            errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "may specify no more than one IP for each IP family");
        }

        if (ServiceValidation.IsHeadless(spec)) { return; }
        foreach (var (index, (address, family)) in addresses.Zip(spec.Texts("ipFamilies")).Index())
        {
            if (family is "IPv4" or "IPv6" && AddressRules.Family(address) != family)
            {
                errors.Invalid($"spec.clusterIPs[{index}]", address, $"expected an {family} value as indicated by `ipFamilies[{index}]`");
            }
        }
    }

    /// <summary>An address and a family may be added or taken away behind the first; the first stays, but from and to an ExternalName.</summary>
    public static void Unchanged(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (spec.Text("type") == "ExternalName" || before.Text("type") == "ExternalName") { return; }
        var (isHeadless, wasHeadless) = (ServiceValidation.IsHeadless(spec), ServiceValidation.IsHeadless(before));
        if (!isHeadless || !wasHeadless) { Unchanged(spec, before, "clusterIPs", "clusterIP", errors); }
        if (!isHeadless && !wasHeadless) { Unchanged(spec, before, "ipFamilies", "ipFamily", errors); }
    }

    public static void ExternalAddresses(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        foreach (var (index, address) in spec.Texts("externalIPs").Index())
        {
            var wrong = before.Texts("externalIPs").Contains(address, StringComparer.Ordinal) ? null : AddressRules.Ip(address);
            errors.Check($"spec.externalIPs[{index}]", address, wrong ?? AddressRules.Endpoint(address));
        }
    }

    /// <summary>The networks a load balancer is open to, which stood in an annotation before they had a field. Either may have blanks around.</summary>
    public static void SourceRanges(JsonObject service, JsonObject? old, FieldErrors errors)
    {
        var spec = service.Spec() ?? [];
        var annotation = service.Metadata()?.Object("annotations")?.Text(SourceRangesAnnotation);
        var isField = spec.List("loadBalancerSourceRanges") is { Count: > 0 };
        if (!isField && annotation is null) { return; }
        var path = isField ? "spec.LoadBalancerSourceRanges" : $"metadata.annotations[{SourceRangesAnnotation}]";
        if (spec.Text("type") != "LoadBalancer") { errors.Forbidden(path, "may only be used when `type` is 'LoadBalancer'"); }
        if (isField)
        {
            var known = (old?.Spec() ?? []).Texts("loadBalancerSourceRanges").Select(static range => range.Trim()).ToHashSet(StringComparer.Ordinal);
            foreach (var (index, range) in spec.Texts("loadBalancerSourceRanges").Select(static range => range.Trim()).Index())
            {
                if (!known.Contains(range)) { errors.Check($"{path}[{index}]", range, AddressRules.Cidr(range)); }
            }
        }
        else if (annotation != old?.Metadata()?.Object("annotations")?.Text(SourceRangesAnnotation) && annotation!.Trim().Length > 0)
        {
            foreach (var range in annotation.Split(',', StringSplitOptions.TrimEntries)) { errors.Check(path, range, AddressRules.Cidr(range)); }
        }
    }

    private static void First(JsonObject spec, string[] addresses, FieldErrors errors)
    {
        var first = spec.Text("clusterIP") ?? "";
        if (first.Length == 0 && addresses.Length > 0) { errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "must be empty when `clusterIP` is not specified"); }
        else if (first.Length > 0 && addresses.Length == 0) { errors.Required("spec.clusterIPs"); }
        else if (first.Length > 0 && addresses[0] != first) { errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "first value must match `clusterIP`"); }
    }

    private static void Families(JsonObject spec, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, family) in spec.Texts("ipFamilies").Index())
        {
            if (family is not ("IPv4" or "IPv6")) { errors.NotSupported($"spec.ipFamilies[{index}]", family, ["IPv4", "IPv6"]); }
            if (!seen.Add(family)) { errors.Duplicate($"spec.ipFamilies[{index}]", family); }
        }
    }

    private static bool AreAddresses(JsonObject spec, string[] addresses, JsonObject before, FieldErrors errors)
    {
        var known = before.Texts("clusterIPs").ToHashSet(StringComparer.Ordinal);
        var all = true;
        foreach (var (index, address) in addresses.Index())
        {
            if (index == 0 && address == "None")
            {
                if (addresses.Length == 1) { continue; }
                all = false;
                errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "'None' must be the first and only value");
                continue;
            }

            var wrong = known.Contains(address) ? null : AddressRules.Ip(address);
            all &= wrong is null;
            errors.Check($"spec.clusterIPs[{index}]", address, wrong);
        }

        return all;
    }

    /// <param name="one">What messages call a value of the list.</param>
    private static void Unchanged(JsonObject spec, JsonObject before, string list, string one, FieldErrors errors)
    {
        string[] now = [.. spec.Texts(list)], was = [.. before.Texts(list)];
        if (now.Length == was.Length)
        {
            for (var i = 0; i < was.Length; i++)
            {
                if (now[i] != was[i]) { errors.Invalid($"spec.{list}[{(list == "clusterIPs" ? i : 0)}]", spec[list], Once); }
            }

            return;
        }

        if (now.Length < was.Length && spec.List("clusterIPs") is not { Count: > 0 }) { errors.Invalid($"spec.{list}[0]", spec[list], $"primary {one} can not be unset"); }
        if (was.Length > 0 && now.Length > 0 && now[0] != was[0]) { errors.Invalid($"spec.{list}[0]", spec["clusterIPs"], Once); }
        if (now.Length == 1 && was.Length > 1 && spec.Text("ipFamilyPolicy") != "SingleStack")
        {
            errors.Invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], $"must be set to 'SingleStack' when releasing the secondary {one}");
        }
    }
}
