using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class EndpointSliceValidation
{
    private const int MostEndpoints = 1000;
    private const int MostAddresses = 100;
    private const int MostPorts = 20_000;

    public static void Slice(JsonObject slice, FieldErrors errors)
    {
        var type = slice.Text("addressType") ?? "";
        if (type.Length == 0)
        {
            errors.Required("addressType");
        }
        else if (type is not ("IPv4" or "IPv6" or "FQDN"))
        {
            errors.NotSupported("addressType", type, ["FQDN", "IPv4", "IPv6"]);
        }

        Endpoints(slice, type, errors);
        Ports(slice, errors);
    }

    public static void AddressTypeUnchanged(JsonObject slice, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(slice["addressType"], old["addressType"]))
        {
            errors.Invalid("addressType", slice["addressType"], Rules.Immutable);
        }
    }

    private static void Endpoints(JsonObject slice, string type, FieldErrors errors)
    {
        if (slice.List("endpoints")?.Count is > MostEndpoints and var count)
        {
            errors.Add(FieldError.TooMany("endpoints", count, MostEndpoints));
            return;
        }

        var index = 0;
        foreach (var endpoint in slice.Items("endpoints"))
        {
            Endpoint(endpoint, type, $"endpoints[{index++}]", errors);
        }
    }

    private static void Endpoint(JsonObject endpoint, string type, string path, FieldErrors errors)
    {
        var addresses = endpoint.Texts("addresses").ToList();
        if (addresses.Count == 0)
        {
            errors.Required($"{path}.addresses", "must contain at least 1 address");
        }
        else if (addresses.Count > MostAddresses)
        {
            errors.Add(FieldError.TooMany($"{path}.addresses", addresses.Count, MostAddresses));
        }

        for (var i = 0; i < addresses.Count; i++)
        {
            errors.Check($"{path}.addresses[{i}]", addresses[i], Address(addresses[i], type));
        }

        Rules.Optional(endpoint, "nodeName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Optional(endpoint, "hostname", path, errors, ObjectNames.Dns1123Label);
        MetadataValidation.Labels(endpoint.Object("deprecatedTopology"), $"{path}.deprecatedTopology", errors);
    }

    private static string? Address(string text, string type) => type switch
    {
        "IPv4" => Of(text, AddressFamily.InterNetwork, "must be a valid IPv4 address"),
        "IPv6" => Of(text, AddressFamily.InterNetworkV6, "must be a valid IPv6 address"),
        "FQDN" => ObjectNames.Dns1123Subdomain(text) is [var first, ..] ? first : null,
        _ => null,
    };

    private static string? Of(string text, AddressFamily family, string wrong) =>
        Rules.IpAddress(text) is null && IPAddress.TryParse(text, out var address) && address.AddressFamily == family ? Special(address) : wrong;

    /// <summary>Addresses that mean something else on every machine are nobody's endpoint.</summary>
    public static string? Special(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return address switch
        {
            _ when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) => "may not be unspecified (0.0.0.0 or ::)",
            _ when IPAddress.IsLoopback(address) => "may not be in the loopback range (127.0.0.0/8, ::1/128)",
            _ when address.IsIPv6LinkLocal || bytes is [169, 254, _, _] => "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
            _ when bytes is [224, 0, 0, _] || bytes is [255, 2, ..] => "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
            _ => null,
        };
    }

    private static void Ports(JsonObject slice, FieldErrors errors)
    {
        if (slice.List("ports")?.Count is > MostPorts and var count)
        {
            errors.Add(FieldError.TooMany("ports", count, MostPorts));
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var port in slice.Items("ports"))
        {
            var at = $"ports[{index++}]";
            var name = port.Text("name") ?? "";
            Rules.Optional(port, "name", at, errors, ObjectNames.Dns1123Label);
            if (!names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }

            Rules.RequiredOneOf(port, "protocol", at, errors, "SCTP", "TCP", "UDP");
            Rules.Optional(port, "appProtocol", at, errors, ObjectNames.QualifiedName);
        }
    }
}
