using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class ServiceValidation
{
    private const string TopologyMode = "service.kubernetes.io/topology-mode";
    private const string TopologyAwareHints = "service.kubernetes.io/topology-aware-hints";

    public static void Create(JsonObject service, FieldErrors errors) => Service(service, null, errors);

    public static void Update(JsonObject service, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (service.Spec() ?? [], old.Spec() ?? []);
        ServiceAddressValidation.Unchanged(spec, before, errors);
        ServiceTrafficValidation.Unchanged(spec, before, errors);
        Service(service, old, errors);
    }

    public static bool IsHeadless(JsonObject spec) => spec.Texts("clusterIPs").FirstOrDefault() == "None";

    private static void Service(JsonObject service, JsonObject? old, FieldErrors errors)
    {
        var (spec, before) = (service.Spec() ?? [], old?.Spec() ?? []);
        var type = spec.Text("type") ?? "";
        Topology(service, errors);
        if (spec.List("ports") is not { Count: > 0 } && !IsHeadless(spec) && type != "ExternalName") { errors.Required("spec.ports"); }
        if (type is "LoadBalancer" or "NodePort" && IsHeadless(spec))
        {
            errors.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {type} services");
        }

        if (type == "ExternalName") { ExternalName(spec, errors); }
        Ports(spec, errors);
        MetadataValidation.Labels(spec.Object("selector"), "spec.selector", errors);
        ServiceTrafficValidation.Affinity(spec, errors);
        ServiceAddressValidation.ClusterAddresses(spec, before, errors);
        ServiceAddressValidation.ExternalAddresses(spec, before, errors);
        Rules.RequiredOneOf(spec, "type", "spec", errors, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        NodePorts(spec, type, errors);
        Duplicates(spec, errors);
        ServiceAddressValidation.SourceRanges(service, old, errors);
        ServiceTrafficValidation.LoadBalancer(spec, errors);
        ServiceTrafficValidation.Policies(spec, errors);
    }

    private static void Topology(JsonObject service, FieldErrors errors)
    {
        var annotations = service.Metadata()?.Object("annotations");
        if (annotations?.Text(TopologyMode) is { } mode && annotations.Text(TopologyAwareHints) is { } hints && mode != hints)
        {
            errors.Invalid($"metadata.annotations[{TopologyMode}]", mode, $"must match annotations[{TopologyAwareHints}] when both are specified");
        }
    }

    private static void ExternalName(JsonObject spec, FieldErrors errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["clusterIPs", "ipFamilies"])
        {
            if (spec.List(name) is { Count: > 0 }) { errors.Forbidden($"spec.{name}", "may not be set for ExternalName services"); }
        }

        if (spec["ipFamilyPolicy"] is not null) { errors.Forbidden("spec.ipFamilyPolicy", "may not be set for ExternalName services"); }
        var host = spec.Text("externalName") ?? "";
        if (host.EndsWith('.')) { host = host[..^1]; }
        if (host.Length > 0) { errors.Check("spec.externalName", host, ObjectNames.Dns1123Subdomain(host)); }
        else { errors.Required("spec.externalName"); }
    }

    private static void Ports(JsonObject spec, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var needName = spec.List("ports") is { Count: > 1 };
        foreach (var (index, port) in spec.Items("ports").Index())
        {
            var (at, name, number) = ($"spec.ports[{index}]", port.Text("name") ?? "", port.Number("port") ?? 0);
            if (needName && name.Length == 0) { errors.Required($"{at}.name"); }
            else if (name.Length > 0)
            {
                errors.Check($"{at}.name", name, ObjectNames.Dns1123Label(name));
                if (!names.Add(name)) { errors.Duplicate($"{at}.name", name); }
            }

            errors.Check($"{at}.port", number, Rules.PortNumber(number));
            Rules.RequiredOneOf(port, "protocol", at, errors, "SCTP", "TCP", "UDP");
            Rules.PortReference(port["targetPort"], $"{at}.targetPort", errors);
            Rules.Given(port, "appProtocol", at, errors, ObjectNames.QualifiedName);
        }
    }

    private static void NodePorts(JsonObject spec, string type, FieldErrors errors)
    {
        foreach (var (index, port) in spec.Items("ports").Index())
        {
            if (type == "ClusterIP" && NodePort(port) != 0) { errors.Forbidden($"spec.ports[{index}].nodePort", "may not be used when `type` is 'ClusterIP'"); }
        }
    }

    private static void Duplicates(JsonObject spec, FieldErrors errors)
    {
        var nodePorts = new HashSet<(string?, long)>();
        foreach (var (index, port) in spec.Items("ports").Index())
        {
            if (NodePort(port) is not 0 and var nodePort && !nodePorts.Add((port.Text("protocol"), nodePort))) { errors.Duplicate($"spec.ports[{index}].nodePort", nodePort); }
        }

        var ports = new HashSet<(string?, long)>();
        foreach (var (index, port) in spec.Items("ports").Index())
        {
            var (protocol, number) = (port.Text("protocol"), port.Number("port") ?? 0);
            if (!ports.Add((protocol, number))) { errors.Duplicate($"spec.ports[{index}]", Shown(protocol, number)); }
        }
    }

    private static JsonObject Shown(string? protocol, long port) =>
        new() { ["Name"] = "", ["Protocol"] = protocol, ["AppProtocol"] = null, ["Port"] = port, ["TargetPort"] = 0, ["NodePort"] = 0 };

    private static long NodePort(JsonObject port) => port.Number("nodePort") ?? 0;
}
