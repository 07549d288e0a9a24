using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class EndpointSliceValidation
{
    private const int MostEndpoints = 1000;
    private const int MostAddresses = 100;
    private const int MostPorts = 20_000;
    private const int MostHints = 8;

    public static void Create(JsonObject slice, FieldErrors errors)
    {
        Rules.RequiredOneOf(slice, "addressType", "", errors, "FQDN", "IPv4", "IPv6");
        Ports(slice, errors);
        Endpoints(slice, errors);
    }

    /// <summary>What was once taken stays valid.</summary>
    public static void Update(JsonObject slice, JsonObject old, FieldErrors errors)
    {
        Rules.RequiredOneOf(slice, "addressType", "", errors, "FQDN", "IPv4", "IPv6");
        Ports(slice, errors);
        if (!JsonNode.DeepEquals(slice["endpoints"], old["endpoints"])) { Endpoints(slice, errors); }
        if (!JsonNode.DeepEquals(slice["addressType"], old["addressType"])) { errors.Invalid("addressType", slice["addressType"], Rules.Immutable); }
    }

    private static void Endpoints(JsonObject slice, FieldErrors errors)
    {
        var type = slice.Text("addressType") ?? "";
        Sets.Each(slice, "endpoints", MostEndpoints, "", errors, (endpoint, at, found) => Endpoint(endpoint, type, at, found));
    }

    private static void Endpoint(JsonObject endpoint, string type, string path, FieldErrors errors)
    {
        string[] addresses = [.. endpoint.Texts("addresses")];
        if (addresses.Length == 0) { errors.Required($"{path}.addresses", "must contain at least 1 address"); }
        if (addresses.Length > MostAddresses) { errors.Add(FieldError.TooMany($"{path}.addresses", addresses.Length, MostAddresses)); }
        foreach (var (index, address) in addresses.Index()) { Address(address, type, $"{path}.addresses", index, errors); }
        Rules.Given(endpoint, "nodeName", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Given(endpoint, "hostname", path, errors, ObjectNames.Dns1123Label);
        if (endpoint.Object("hints") is { } hints) { Hints(hints, $"{path}.hints", errors); }
    }

    private static void Address(string address, string type, string path, int index, FieldErrors errors)
    {
        var at = $"{path}[{index}]";
        if (type == "FQDN") { DomainName(address, at, errors); }
        if (type is not ("IPv4" or "IPv6")) { return; }
        if ((type == "IPv4" ? AddressRules.Ip(address) : AddressRules.CanonicalIp(address)) is { } wrong)
        {
            errors.Invalid(at, address, wrong);
            return;
        }

        if (AddressRules.Family(address) != type) { errors.Invalid(path, address, $"must be an {type} address"); }
        errors.Check(at, address, AddressRules.Endpoint(address));
    }

    /// <summary>One reason is enough.</summary>
    private static void DomainName(string text, string path, FieldErrors errors)
    {
        var name = text.EndsWith('.') ? text[..^1] : text;
        string[] labels = name.Split('.');
        if (text.Length == 0) { errors.Required(path); }
        else if (ObjectNames.Dns1123Subdomain(name) is { Count: > 0 } wrong) { errors.Invalid(path, name, string.Join(',', wrong)); }
        else if (labels.Length < 2) { errors.Invalid(path, name, "should be a domain with at least two segments separated by dots"); }
        else if (labels.FirstOrDefault(static label => ObjectNames.Dns1123Label(label).Count > 0) is { } label)
        {
            errors.Invalid(path, label, string.Join(',', ObjectNames.Dns1123Label(label)));
        }
    }

    private static void Hints(JsonObject hints, string path, FieldErrors errors)
    {
        if (Hints(hints, "forZones", path, ObjectNames.LabelValue, errors)) { Hints(hints, "forNodes", path, ObjectNames.Dns1123Subdomain, errors); }
    }

    /// <summary>False when there are too many to go on.</summary>
    private static bool Hints(JsonObject hints, string list, string path, Func<string, IReadOnlyList<string>> rule, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Sets.Each(hints, list, MostHints, path, errors, (hint, at, found) =>
        {
            var name = hint.Text("name") ?? "";
            if (!seen.Add(name)) { found.Duplicate($"{at}.name", name); }
            found.Check($"{at}.name", name, rule(name));
        });
        return hints.List(list) is not { Count: > MostHints };
    }

    private static void Ports(JsonObject slice, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Sets.Each(slice, "ports", MostPorts, "", errors, (port, at, found) =>
        {
            Rules.Optional(port, "name", at, found, ObjectNames.Dns1123Label);
            if (!names.Add(port.Text("name") ?? "")) { found.Duplicate($"{at}.name", port.Text("name") ?? ""); }
            Rules.OneOf(port, "protocol", at, found, "SCTP", "TCP", "UDP");
            Rules.Given(port, "appProtocol", at, found, ObjectNames.QualifiedName);
        });
    }
}
