using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Kinds with a rule or two.</summary>
internal static class MinorKindValidation
{
    public static void ControllerRevision(JsonObject revision, FieldErrors errors)
    {
        if (revision["data"] is null)
        {
            errors.Required("data", "data is mandatory");
        }

        if (revision.Number("revision") is < 0 and var number)
        {
            errors.Invalid("revision", number, "must be greater than or equal to 0");
        }
    }

    public static void DataUnchanged(JsonObject revision, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(revision["data"], old["data"]))
        {
            errors.Invalid("data", revision["data"], Rules.Immutable);
        }
    }

    public static void Endpoints(JsonObject endpoints, FieldErrors errors)
    {
        var index = 0;
        foreach (var subset in endpoints.Items("subsets"))
        {
            var at = $"subsets[{index++}]";
            if (subset.List("addresses") is not { Count: > 0 } && subset.List("notReadyAddresses") is not { Count: > 0 })
            {
                errors.Required(at, "must specify `addresses` or `notReadyAddresses`");
            }

            foreach (var list in (ReadOnlySpan<string>)["addresses", "notReadyAddresses"])
            {
                var place = 0;
                foreach (var address in subset.Items(list))
                {
                    var ip = address.Text("ip") ?? "";
                    errors.Check(
                        $"{at}.{list}[{place++}].ip", ip,
                        Rules.IpAddress(ip) ?? (IPAddress.TryParse(ip, out var parsed) ? EndpointSliceValidation.Special(parsed) : null));
                }
            }

            EndpointPorts(subset, at, errors);
        }
    }

    private static void EndpointPorts(JsonObject subset, string path, FieldErrors errors)
    {
        var needsNames = subset.List("ports") is { Count: > 1 };
        Sets.Each(subset, "ports", int.MaxValue, path, errors, (port, at, found) =>
        {
            if (needsNames || port.Has("name"))
            {
                Rules.Required(port, "name", at, found, ObjectNames.Dns1123Label);
            }

            found.Check($"{at}.port", port.Number("port") ?? 0, Rules.PortNumber(port.Number("port") ?? 0));
            Rules.RequiredOneOf(port, "protocol", at, found, "SCTP", "TCP", "UDP");
        });
    }

    public static void ServiceCidr(JsonObject range, FieldErrors errors)
    {
        var cidrs = range.Spec()?.Texts("cidrs").ToList() ?? [];
        if (cidrs.Count is 0 or > 2)
        {
            errors.Add(cidrs.Count == 0
                ? FieldError.Required("spec.cidrs", "at least one CIDR required")
                : FieldError.Invalid("spec.cidrs", range.Spec(), "may only hold up to 2 values"));
            return;
        }

        for (var i = 0; i < cidrs.Count; i++)
        {
            errors.Check($"spec.cidrs[{i}]", cidrs[i], Rules.Cidr(cidrs[i]));
        }

        if (cidrs.Count == 2 && Rules.Network(cidrs[0])?.BaseAddress.AddressFamily is { } family && family == Rules.Network(cidrs[1])?.BaseAddress.AddressFamily)
        {
            errors.Invalid("spec.cidrs", range.Spec()!["cidrs"], "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    /// <summary>A range may get one of the other family; nothing else of it changes.</summary>
    public static void CidrsUnchanged(JsonObject range, JsonObject old, FieldErrors errors)
    {
        var (now, was) = (range.Spec()?.Texts("cidrs").ToList() ?? [], old.Spec()?.Texts("cidrs").ToList() ?? []);
        if (now.Count != was.Count && (was.Count, now.Count) != (1, 2))
        {
            errors.Invalid("spec.cidrs", range.Spec()?["cidrs"], Rules.Immutable);
            return;
        }

        for (var i = 0; i < was.Count; i++)
        {
            errors.Check($"spec.cidrs[{i}]", now[i], now[i] == was[i] ? null : Rules.Immutable);
        }
    }

    public static void IpAddress(JsonObject address, FieldErrors errors)
    {
        if (address.Spec()?.Object("parentRef") is not { } parent)
        {
            errors.Required("spec.parentRef");
            return;
        }

        Rules.Required(parent, "resource", "spec.parentRef", errors, ObjectNames.PathSegment);
        Rules.Required(parent, "name", "spec.parentRef", errors, ObjectNames.PathSegment);
    }

    public static void ParentUnchanged(JsonObject address, JsonObject old, FieldErrors errors) =>
        Rules.Unchanged(address.Spec(), old.Spec(), "parentRef", "spec", errors);
}
