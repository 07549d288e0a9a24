using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class NetworkPolicyValidation
{
    public static void Create(JsonObject policy, FieldErrors errors) => Policy(policy, [], errors);

    /// <summary>Networks that the policy names already are not looked at again.</summary>
    public static void Update(JsonObject policy, JsonObject old, FieldErrors errors) =>
        Policy(policy, [.. Blocks(old).SelectMany(static block => block.Texts("except").Prepend(block.Text("cidr") ?? ""))], errors);

    private static void Policy(JsonObject policy, HashSet<string> known, FieldErrors errors)
    {
        var spec = policy.Spec() ?? [];
        SelectorValidation.LabelSelector(spec.Object("podSelector"), "spec.podSelector", errors);
        foreach (var (direction, peers) in (ReadOnlySpan<(string, string)>)[("ingress", "from"), ("egress", "to")])
        {
            Sets.Each(spec, direction, int.MaxValue, "spec", errors, (rule, at, found) =>
            {
                Sets.Each(rule, "ports", int.MaxValue, at, found, Port);
                Sets.Each(rule, peers, int.MaxValue, at, found, (peer, path, wrong) => Peer(peer, known, path, wrong));
            });
        }

        string[] types = [.. spec.Texts("policyTypes")];
        if (types.Length > 2)
        {
            errors.Invalid("spec.policyTypes", spec["policyTypes"], "may not specify more than two policyTypes");
            return;
        }

        foreach (var (index, type) in types.Index())
        {
            if (type is not ("Ingress" or "Egress")) { errors.NotSupported($"spec.policyTypes[{index}]", type, ["Ingress", "Egress"]); }
        }
    }

    private static void Port(JsonObject port, string path, FieldErrors errors)
    {
        Rules.OneOf(port, "protocol", path, errors, "TCP", "UDP", "SCTP");
        var (number, name, end) = (port.Number("port"), port.Text("port"), port.Number("endPort"));
        if (number is not null)
        {
            errors.Check($"{path}.port", number, Rules.PortNumber(number.Value));
            // The value shown is the port's, as upstream shows it.
            if (end < number) { errors.Invalid($"{path}.endPort", number, "must be greater than or equal to `port`"); }
            if (end is not null) { errors.Check($"{path}.endPort", end, Rules.PortNumber(end.Value)); }
        }
        else if (end is not null)
        {
            errors.Invalid($"{path}.endPort", end, $"may not be specified when `port` is {(name is null ? "not specified" : "non-numeric")}");
        }

        if (name is not null) { errors.Check($"{path}.port", name, ObjectNames.PortName(name)); }
    }

    private static void Peer(JsonObject peer, HashSet<string> known, string path, FieldErrors errors)
    {
        var (pods, namespaces, block) = (peer.Object("podSelector"), peer.Object("namespaceSelector"), peer.Object("ipBlock"));
        SelectorValidation.LabelSelector(pods, $"{path}.podSelector", errors);
        SelectorValidation.LabelSelector(namespaces, $"{path}.namespaceSelector", errors);
        if (block is not null) { Block(block, known, $"{path}.ipBlock", errors); }
        if (pods is null && namespaces is null && block is null) { errors.Required(path, "must specify a peer"); }
        else if (block is not null && (pods is not null || namespaces is not null)) { errors.Forbidden(path, "may not specify both ipBlock and another peer"); }
    }

    private static void Block(JsonObject block, HashSet<string> known, string path, FieldErrors errors)
    {
        var cidr = block.Text("cidr") ?? "";
        if (cidr.Length == 0)
        {
            errors.Required($"{path}.cidr");
            return;
        }

        errors.Check($"{path}.cidr", cidr, known.Contains(cidr) ? null : AddressRules.Cidr(cidr));
        if (AddressRules.Network(cidr) is not { } network) { return; }
        foreach (var (index, except) in block.Texts("except").Index())
        {
            var at = $"{path}.except[{index}]";
            errors.Check(at, except, known.Contains(except) ? null : AddressRules.Cidr(except));
            if (AddressRules.Network(except) is { } hole && (!network.Contains(hole.BaseAddress) || network.PrefixLength >= hole.PrefixLength))
            {
                errors.Invalid(at, except, "must be a strict subset of `cidr`");
            }
        }
    }

    private static IEnumerable<JsonObject> Blocks(JsonObject policy)
    {
        var spec = policy.Spec() ?? [];
        return spec.Items("ingress").SelectMany(static rule => rule.Items("from")).Concat(spec.Items("egress").SelectMany(static rule => rule.Items("to")))
            .Select(static peer => peer.Object("ipBlock")).OfType<JsonObject>();
    }
}
