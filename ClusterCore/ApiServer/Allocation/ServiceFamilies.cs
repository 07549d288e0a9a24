using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>
/// Which IP families a Service is of: the cluster has one. A headless Service without a selector may have both, for its endpoints are
/// not the cluster's.
/// </summary>
internal sealed class ServiceFamilies(string family)
{
    /// <summary>Fills in families and their policy, and refuses those that the cluster has not.</summary>
    public void Settle(JsonObject? current, JsonObject service)
    {
        var (spec, before) = (service.Ensure("spec"), current?.Spec() ?? []);
        if (spec.Text("type") == "ExternalName") { return; }
        var isOpen = spec.Text("clusterIP") == "None" && spec.Object("selector") is not { Count: > 0 };
        spec["ipFamilyPolicy"] ??= before.Text("ipFamilyPolicy") ?? (isOpen ? "RequireDualStack" : "SingleStack");
        Check(service, errors => ServiceAddressValidation.ClusterAddresses(spec, before, errors));
        Check(service, errors =>
        {
            Reduce(before, spec, errors);
            Infer(spec, errors);
        });
        if (isOpen) { Open(spec); }
        else
        {
            Check(service, errors => Configured(spec, errors));
            Default(spec);
        }
    }

    private static void Check(JsonObject service, Action<FieldErrors> rules)
    {
        var errors = new FieldErrors();
        rules(errors);
        if (errors.Any) { throw ServiceAllocator.Invalid(service, [.. errors.List]); }
    }

    /// <summary>To say "one family" is enough to lose the second; otherwise what a Service has is not taken away.</summary>
    private static void Reduce(JsonObject before, JsonObject spec, FieldErrors errors)
    {
        foreach (var (list, one, many) in (ReadOnlySpan<(string, string, string)>)[("clusterIPs", "cluster IP", "cluster IPs"), ("ipFamilies", "IP family", "IP families")])
        {
            var (now, was) = (spec.List(list)?.Count ?? 0, before.List(list)?.Count ?? 0);
            if (IsSingle(spec) && now == 2 && JsonNode.DeepEquals(spec[list], before[list])) { spec.List(list)!.RemoveAt(1); }
            else if (IsSingle(spec) && now == 2)
            {
                errors.Invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], $"must be 'RequireDualStack' or 'PreferDualStack' when multiple {many} are specified");
            }
            else if (!IsSingle(spec) && now > 0 && now < was)
            {
                errors.Invalid("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], $"must be 'SingleStack' to release the secondary {one}");
            }
        }
    }

    private void Infer(JsonObject spec, FieldErrors errors)
    {
        foreach (var (index, address) in spec.Texts("clusterIPs").TakeWhile(static address => address != "None").Index().Skip(spec.List("ipFamilies")?.Count ?? 0))
        {
            if (AddressRules.Family(address) == family) { Families(spec).Add((JsonNode)family); }
            else { errors.Invalid($"spec.clusterIPs[{index}]", spec["clusterIPs"], $"{AddressRules.Family(address)} is not configured on this cluster"); }
        }
    }

    private void Configured(JsonObject spec, FieldErrors errors)
    {
        if (spec.Text("ipFamilyPolicy") == "RequireDualStack") { errors.Invalid("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services"); }
        foreach (var (index, other) in spec.Texts("ipFamilies").Index())
        {
            if (other != family) { errors.Invalid($"spec.ipFamilies[{index}]", other, "not configured on this cluster"); }
        }
    }

    private void Open(JsonObject spec)
    {
        Default(spec);
        if (Families(spec) is [var only] families && !IsSingle(spec)) { families.Add((JsonNode)(only!.GetValue<string>() == "IPv4" ? "IPv6" : "IPv4")); }
    }

    private void Default(JsonObject spec)
    {
        if (Families(spec) is { Count: 0 } families) { families.Add((JsonNode)family); }
    }

    private static JsonArray Families(JsonObject spec)
    {
        if (spec["ipFamilies"] is not JsonArray families) { spec["ipFamilies"] = families = []; }
        return families;
    }

    private static bool IsSingle(JsonObject spec) => spec.Text("ipFamilyPolicy") == "SingleStack";
}
