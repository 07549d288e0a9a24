using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class EndpointsValidation
{
    public static void Create(JsonObject endpoints, FieldErrors errors)
    {
        foreach (var (index, subset) in endpoints.Items("subsets").Index())
        {
            var at = $"subsets[{index}]";
            if (subset.List("addresses") is not { Count: > 0 } && subset.List("notReadyAddresses") is not { Count: > 0 })
            {
                errors.Required(at, "must specify `addresses` or `notReadyAddresses`");
            }

            Sets.Each(subset, "addresses", int.MaxValue, at, errors, Address);
            Sets.Each(subset, "notReadyAddresses", int.MaxValue, at, errors, Address);
            var needsNames = subset.List("ports") is { Count: > 1 };
            Sets.Each(subset, "ports", int.MaxValue, at, errors, (port, path, found) => Port(port, needsNames, path, found));
        }
    }

    /// <summary>What was once taken stays valid.</summary>
    public static void Update(JsonObject endpoints, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(endpoints["subsets"], old["subsets"])) { Create(endpoints, errors); }
    }

    private static void Address(JsonObject address, string path, FieldErrors errors)
    {
        var ip = address.Text("ip") ?? "";
        errors.Check($"{path}.ip", ip, AddressRules.Ip(ip));
        Rules.Optional(address, "hostname", path, errors, ObjectNames.Dns1123Label);
        Rules.Given(address, "nodeName", path, errors, ObjectNames.Dns1123Subdomain);
        errors.Check($"{path}.ip", ip, AddressRules.Endpoint(ip));
    }

    private static void Port(JsonObject port, bool needsName, string path, FieldErrors errors)
    {
        if (needsName) { Rules.Required(port, "name", path, errors, ObjectNames.Dns1123Label); }
        else { Rules.Optional(port, "name", path, errors, ObjectNames.Dns1123Label); }
        errors.Check($"{path}.port", port.Number("port") ?? 0, Rules.PortNumber(port.Number("port") ?? 0));
        Rules.RequiredOneOf(port, "protocol", path, errors, "SCTP", "TCP", "UDP");
        Rules.Given(port, "appProtocol", path, errors, ObjectNames.QualifiedName);
    }
}
