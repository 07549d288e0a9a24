using System.Net;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class ServiceValidation
{
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public static void Service(JsonObject service, FieldErrors errors)
    {
        var spec = service.Spec() ?? [];
        var type = spec.Text("type") ?? "";
        Rules.RequiredOneOf(spec, "type", "spec", errors, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        if (type == "ExternalName")
        {
            ExternalName(spec, errors);
        }
        else if (spec.List("ports") is not { Count: > 0 } && spec.Text("clusterIP") != "None")
        {
            errors.Required("spec.ports");
        }

        if (type == "LoadBalancer" && spec.Text("clusterIP") == "None")
        {
            errors.Invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services");
        }

        Ports(spec, type, errors);
        MetadataValidation.Labels(spec.Object("selector"), "spec.selector", errors);
        Affinity(spec, errors);
        Addresses(spec, errors);
        Policies(spec, type, errors);
    }

    public static void Update(JsonObject service, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (service.Spec() ?? [], old.Spec() ?? []);
        var (ip, was) = (spec.Text("clusterIP") ?? "", before.Text("clusterIP") ?? "");
        if (before.Text("type") != "ExternalName" && spec.Text("type") != "ExternalName" && was.Length > 0 && ip != was)
        {
            errors.Invalid("spec.clusterIPs[0]", spec["clusterIPs"] ?? new JsonArray(ip), "may not change once set");
        }

        Service(service, errors);
    }

    private static void ExternalName(JsonObject spec, FieldErrors errors)
    {
        if (spec.Has("clusterIP") || spec.List("clusterIPs") is { Count: > 0 })
        {
            errors.Forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        }

        if (spec.Text("externalName") is { Length: > 0 } name)
        {
            var host = name.TrimEnd('.');
            errors.Check("spec.externalName", name, ObjectNames.Dns1123Subdomain(host.Length == 0 ? name : host));
        }
        else
        {
            errors.Required("spec.externalName");
        }
    }

    private static void Ports(JsonObject spec, string type, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ports = new HashSet<(string?, long)>();
        var nodePorts = new HashSet<(string?, long)>();
        var needName = spec.List("ports") is { Count: > 1 };
        var index = 0;
        foreach (var port in spec.Items("ports"))
        {
            var at = $"spec.ports[{index++}]";
            Port(port, needName, names, at, errors);
            var (protocol, number) = (port.Text("protocol"), port.Number("port") ?? 0);
            if (!ports.Add((protocol, number)))
            {
                errors.Duplicate(at, new JsonObject { ["protocol"] = protocol, ["port"] = number });
            }

            NodePort(port, type, nodePorts, at, errors);
        }
    }

    private static void Port(JsonObject port, bool needName, HashSet<string> names, string path, FieldErrors errors)
    {
        var name = port.Text("name") ?? "";
        if (needName && name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else if (name.Length > 0)
        {
            errors.Check($"{path}.name", name, ObjectNames.Dns1123Label(name));
            if (!names.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }
        }

        errors.Check($"{path}.port", port.Number("port") ?? 0, Rules.PortNumber(port.Number("port") ?? 0));
        Rules.RequiredOneOf(port, "protocol", path, errors, Protocols);
        Rules.PortReference(port["targetPort"], $"{path}.targetPort", errors);
        Rules.Optional(port, "appProtocol", path, errors, ObjectNames.QualifiedName);
    }

    private static void NodePort(JsonObject port, string type, HashSet<(string?, long)> seen, string path, FieldErrors errors)
    {
        if (port.Number("nodePort") is not { } nodePort || nodePort == 0)
        {
            return;
        }

        if (type is "ClusterIP" or "ExternalName")
        {
            errors.Forbidden($"{path}.nodePort", $"may not be used when `type` is '{type}'");
        }
        else if (!seen.Add((port.Text("protocol"), nodePort)))
        {
            errors.Duplicate($"{path}.nodePort", nodePort);
        }

        errors.Check($"{path}.nodePort", nodePort, Rules.PortNumber(nodePort));
    }

    private static void Affinity(JsonObject spec, FieldErrors errors)
    {
        Rules.RequiredOneOf(spec, "sessionAffinity", "spec", errors, "ClientIP", "None");
        var timeout = spec.Object("sessionAffinityConfig")?.Object("clientIP")?.Number("timeoutSeconds");
        if (spec.Text("sessionAffinity") == "ClientIP" && timeout is <= 0 or > 86_400)
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", timeout, "must be greater than 0 and less than 86400");
        }
        else if (spec.Text("sessionAffinity") == "None" && spec["sessionAffinityConfig"] is not null)
        {
            errors.Forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None");
        }
    }

    private static void Addresses(JsonObject spec, FieldErrors errors)
    {
        var index = 0;
        foreach (var ip in spec.Texts("clusterIPs").DefaultIfEmpty(spec.Text("clusterIP") ?? ""))
        {
            if (ip is not ("" or "None"))
            {
                errors.Check($"spec.clusterIPs[{index}]", ip, AddressRules.Ip(ip));
            }

            index++;
        }

        if (spec.Text("clusterIP") is { Length: > 0 } first && spec.Texts("clusterIPs").FirstOrDefault() is { } other && first != other)
        {
            errors.Invalid("spec.clusterIPs", spec["clusterIPs"], "first value must match `clusterIP`");
        }

        index = 0;
        foreach (var ip in spec.Texts("externalIPs"))
        {
            var at = $"spec.externalIPs[{index++}]";
            if (AddressRules.Ip(ip) is { } invalid)
            {
                errors.Invalid(at, ip, invalid);
            }
            else
            {
                NotSpecial(IPAddress.Parse(ip), ip, at, errors);
            }
        }

        index = 0;
        foreach (var range in spec.Texts("loadBalancerSourceRanges"))
        {
            errors.Check($"spec.loadBalancerSourceRanges[{index++}]", range, AddressRules.Cidr(range.Trim()));
        }
    }

    private static void NotSpecial(IPAddress address, string text, string path, FieldErrors errors)
    {
        var wrong = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? "may not be unspecified (0.0.0.0 or ::)"
            : IPAddress.IsLoopback(address) ? "may not be in the loopback range (127.0.0.0/8, ::1/128)"
            : address.IsIPv6LinkLocal || address.GetAddressBytes() is [169, 254, _, _] ? "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
            : null;
        errors.Check(path, text, wrong);
    }

    private static void Policies(JsonObject spec, string type, FieldErrors errors)
    {
        Rules.OneOf(spec, "externalTrafficPolicy", "spec", errors, "Cluster", "Local");
        Rules.OneOf(spec, "internalTrafficPolicy", "spec", errors, "Cluster", "Local");
        Rules.OneOf(spec, "ipFamilyPolicy", "spec", errors, "PreferDualStack", "RequireDualStack", "SingleStack");
        var external = type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 });
        if (!external && spec.Has("externalTrafficPolicy"))
        {
            errors.Invalid("spec.externalTrafficPolicy", spec.Text("externalTrafficPolicy"), "may only be set for externally-accessible services");
        }

        if (type != "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] is not null)
        {
            errors.Forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
        }

        if (type != "LoadBalancer" && spec["loadBalancerClass"] is not null)
        {
            errors.Forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'");
        }

        if (type == "LoadBalancer" && spec.Text("externalTrafficPolicy") != "Local" && spec.Number("healthCheckNodePort") is not (null or 0))
        {
            errors.Invalid("spec.healthCheckNodePort", spec.Number("healthCheckNodePort"), "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
    }
}
