using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Limits, quotas, disruption budgets, autoscalers and network policies.</summary>
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

    public static void Autoscaler(JsonObject autoscaler, FieldErrors errors)
    {
        var spec = autoscaler.Spec() ?? [];
        if (spec.Number("minReplicas") is < 1 and var least)
        {
            errors.Invalid("spec.minReplicas", least, "must be greater than or equal to 1");
        }

        var most = spec.Number("maxReplicas") ?? 0;
        if (most < 1)
        {
            errors.Invalid("spec.maxReplicas", most, "must be greater than 0");
        }

        if (most < spec.Number("minReplicas"))
        {
            errors.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
        }

        var target = spec.Object("scaleTargetRef") ?? [];
        Rules.Required(target, "kind", "spec.scaleTargetRef", errors, ObjectNames.PathSegment);
        Rules.Required(target, "name", "spec.scaleTargetRef", errors, ObjectNames.PathSegment);
        var index = 0;
        foreach (var metric in spec.Items("metrics"))
        {
            Metric(metric, $"spec.metrics[{index++}]", errors);
        }
    }

    public static void LimitRange(JsonObject range, FieldErrors errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var limit in range.Spec()?.Items("limits") ?? [])
        {
            var at = $"spec.limits[{index++}]";
            Rules.Required(limit, "type", at, errors, ObjectNames.QualifiedName);
            if (limit.Text("type") is { Length: > 0 } type && !types.Add(type))
            {
                errors.Duplicate($"{at}.type", type);
            }

            Limit(limit, at, errors);
        }
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
            if (port["port"] is { } number)
            {
                Rules.PortReference(number, $"{at}.port", errors);
            }

            if (port.Number("endPort") is { } end)
            {
                EndPort(port, end, at, errors);
            }
        }

        index = 0;
        foreach (var peer in rule.Items(peers))
        {
            Peer(peer, $"{path}.{peers}[{index++}]", errors);
        }
    }

    private static void EndPort(JsonObject port, long end, string path, FieldErrors errors)
    {
        if (port["port"] is null)
        {
            errors.Required($"{path}.endPort", "`port` must be specified when `endPort` is set");
        }
        else if (end < (port.Number("port") ?? 0))
        {
            errors.Invalid($"{path}.endPort", end, "must be greater than or equal to `port`");
        }

        errors.Check($"{path}.endPort", end, Rules.PortNumber(end));
    }

    private static void Peer(JsonObject peer, string path, FieldErrors errors)
    {
        if (peer.Count == 0)
        {
            errors.Required(path, "must specify a peer");
        }
        else if (peer["ipBlock"] is not null && peer.Count > 1)
        {
            errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }

        SelectorValidation.LabelSelector(peer.Object("podSelector"), $"{path}.podSelector", errors);
        SelectorValidation.LabelSelector(peer.Object("namespaceSelector"), $"{path}.namespaceSelector", errors);
        if (peer.Object("ipBlock") is { } block)
        {
            Rules.Required(block, "cidr", $"{path}.ipBlock", errors, Rules.Cidr);
            var index = 0;
            foreach (var except in block.Texts("except"))
            {
                errors.Check($"{path}.ipBlock.except[{index++}]", except, Rules.Cidr(except));
            }
        }
    }

    private static void Metric(JsonObject metric, string path, FieldErrors errors)
    {
        var source = metric.Text("type") switch
        {
            "Resource" => "resource",
            "ContainerResource" => "containerResource",
            "Pods" => "pods",
            "Object" => "object",
            "External" => "external",
            _ => null,
        };
        if (!metric.Has("type"))
        {
            errors.Required($"{path}.type", "must specify a metric source type");
        }
        else if (source is null)
        {
            errors.NotSupported($"{path}.type", metric.Text("type"), ["ContainerResource", "External", "Object", "Pods", "Resource"]);
        }
        else if (metric.Object(source) is not { } details)
        {
            errors.Required($"{path}.{source}", "must populate information for the given metric source");
        }
        else if (source is "resource" or "containerResource")
        {
            Rules.Required(details, "name", $"{path}.{source}", errors, detail: "must specify a resource name");
        }
    }

    private static void Limit(JsonObject limit, string path, FieldErrors errors)
    {
        if (limit.Text("type") != "Container")
        {
            foreach (var field in (ReadOnlySpan<string>)["default", "defaultRequest"])
            {
                if (limit.Text("type") == "Pod" && limit.Object(field) is { Count: > 0 })
                {
                    errors.Forbidden($"{path}.{field}", "may not be specified when `type` is 'Pod'");
                }
            }
        }

        foreach (var (low, high) in (ReadOnlySpan<(string, string)>)[("min", "max"), ("min", "default"), ("min", "defaultRequest"), ("defaultRequest", "default"), ("default", "max"), ("defaultRequest", "max")])
        {
            foreach (var (name, value) in limit.Object(low) ?? [])
            {
                if (Quantity.TryParse(value?.ToString(), out var least) && Quantity.TryParse(limit.Object(high)?.Text(name), out var most) && least > most)
                {
                    errors.Invalid($"{path}.{low}[{name}]", least.ToString(), $"{low} value {least} is greater than {high} value {most}");
                }
            }
        }
    }
}
