using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Disruption budgets and network policies.</summary>
internal static class PolicyValidation
{
    public static void DisruptionBudget(JsonObject budget, FieldErrors errors)
    {
        var spec = budget.Spec() ?? [];
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            if (spec[field] is not null)
            {
                Rules.CountOrPercent(spec, field, "spec", errors);
                Rules.NotMoreThanAll(spec, field, "spec", errors);
            }
        }

        SelectorValidation.LabelSelector(spec.Object("selector"), "spec.selector", errors);
        Rules.OneOf(spec, "unhealthyPodEvictionPolicy", "spec", errors, "AlwaysAllow", "IfHealthyBudget");
    }

    public static void NetworkPolicy(JsonObject policy, FieldErrors errors)
    {
        var spec = policy.Spec() ?? [];
        SelectorValidation.LabelSelector(spec.Object("podSelector"), "spec.podSelector", errors);
        foreach (var (direction, peers) in (ReadOnlySpan<(string, string)>)[("ingress", "from"), ("egress", "to")])
        {
            var index = 0;
            foreach (var rule in spec.Items(direction))
            {
                NetworkRule(rule, peers, $"spec.{direction}[{index++}]", errors);
            }
        }

        var types = spec.Texts("policyTypes").ToList();
        if (types.Count > 2)
        {
            errors.Invalid("spec.policyTypes", spec["policyTypes"], "may not specify more than two policyTypes");
            return;
        }

        for (var i = 0; i < types.Count; i++)
        {
            if (types[i] is not ("Ingress" or "Egress"))
            {
                errors.NotSupported($"spec.policyTypes[{i}]", types[i], ["Ingress", "Egress"]);
            }
        }
    }

    private static void NetworkRule(JsonObject rule, string peers, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var port in rule.Items("ports"))
        {
            var at = $"{path}.ports[{index++}]";
            Rules.OneOf(port, "protocol", at, errors, "TCP", "UDP", "SCTP");
            EndPort(port, at, errors);
        }

        index = 0;
        foreach (var peer in rule.Items(peers))
        {
            Peer(peer, $"{path}.{peers}[{index++}]", errors);
        }
    }

    private static void EndPort(JsonObject port, string path, FieldErrors errors)
    {
        var (number, end) = (port.Number("port"), port.Number("endPort"));
        if (number is not null)
        {
            errors.Check($"{path}.port", number, Rules.PortNumber(number.Value));
        }

        if (end is not null)
        {
            errors.Check($"{path}.endPort", end, port["port"] is null ? "may not be specified when `port` is not specified"
                : number is null ? "may not be specified when `port` is non-numeric" : end < number ? "must be greater than or equal to `port`" : null);
            errors.Check($"{path}.endPort", end, number is null ? null : Rules.PortNumber(end.Value));
        }

        if (port.Text("port") is { } name)
        {
            errors.Check($"{path}.port", name, ObjectNames.PortName(name));
        }
    }

    private static void Peer(JsonObject peer, string path, FieldErrors errors)
    {
        SelectorValidation.LabelSelector(peer.Object("podSelector"), $"{path}.podSelector", errors);
        SelectorValidation.LabelSelector(peer.Object("namespaceSelector"), $"{path}.namespaceSelector", errors);
        if (peer.Object("ipBlock") is { } block)
        {
            Block(block, $"{path}.ipBlock", errors);
        }

        if (peer.Count == 0)
        {
            errors.Required(path, "must specify a peer");
        }
        else if (peer["ipBlock"] is not null && peer.Count > 1)
        {
            errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }
    }

    private static void Block(JsonObject block, string path, FieldErrors errors)
    {
        var cidr = block.Text("cidr") ?? "";
        Rules.Required(block, "cidr", path, errors, Rules.Cidr);
        if (Rules.Network(cidr) is not { } network)
        {
            return;
        }

        foreach (var (index, except) in block.Texts("except").Index())
        {
            var at = $"{path}.except[{index}]";
            errors.Check(at, except, Rules.Cidr(except));
            if (Rules.Network(except) is { } hole && (!network.Contains(hole.BaseAddress) || network.PrefixLength >= hole.PrefixLength))
            {
                errors.Invalid(at, except, "must be a strict subset of `cidr`");
            }
        }
    }
}
