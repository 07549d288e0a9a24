using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>The networks Services have their addresses from, and the addresses that are taken.</summary>
internal static class AddressKindValidation
{
    public static void ServiceCidr(JsonObject range, FieldErrors errors)
    {
        string[] cidrs = [.. range.Spec()?.Texts("cidrs") ?? []];
        if (cidrs.Length is 0 or > 2)
        {
            errors.Add(cidrs.Length == 0
                ? FieldError.Required("spec.cidrs", "at least one CIDR required")
                : FieldError.Invalid("spec.cidrs", range.Spec(), "may only hold up to 2 values"));
            return;
        }

        foreach (var (index, cidr) in cidrs.Index()) { errors.Check($"spec.cidrs[{index}]", cidr, AddressRules.CanonicalCidr(cidr)); }
        if (cidrs.Length == 2 && Family(cidrs[0]) is { } family && family == Family(cidrs[1]))
        {
            errors.Invalid("spec.cidrs", range.Spec()!["cidrs"], "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    /// <summary>A range may get one of the other family; nothing else of it changes.</summary>
    public static void ServiceCidrUpdate(JsonObject range, JsonObject old, FieldErrors errors)
    {
        string[] now = [.. range.Spec()?.Texts("cidrs") ?? []], was = [.. old.Spec()?.Texts("cidrs") ?? []];
        var isExtended = was.Length == 1 && now.Length == 2;
        if (now.Length != was.Length && !isExtended)
        {
            errors.Invalid("spec.cidrs", range.Spec()?["cidrs"], Rules.Immutable);
            return;
        }

        for (var i = 0; i < was.Length; i++) { errors.Check($"spec.cidrs[{i}]", now[i], now[i] == was[i] ? null : Rules.Immutable); }
        if (isExtended) { ServiceCidr(range, errors); }
    }

    public static void IpAddress(JsonObject address, FieldErrors errors)
    {
        if (address.Spec()?.Object("parentRef") is not { } parent)
        {
            errors.Required("spec.parentRef");
            return;
        }

        Rules.Optional(parent, "group", "spec.parentRef", errors, ObjectNames.Dns1123Subdomain);
        Rules.Required(parent, "resource", "spec.parentRef", errors, ObjectNames.PathSegment);
        Rules.Required(parent, "name", "spec.parentRef", errors, ObjectNames.PathSegment);
        Rules.Optional(parent, "namespace", "spec.parentRef", errors, ObjectNames.PathSegment);
    }

    public static void ParentUnchanged(JsonObject address, JsonObject old, FieldErrors errors) =>
        Rules.Unchanged(address.Spec(), old.Spec(), "parentRef", "spec", errors);

    private static string? Family(string cidr) => AddressRules.Network(cidr) is { } network ? AddressRules.Family(network.BaseAddress) : null;
}
