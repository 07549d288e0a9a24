using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Nodes, namespaces, leases, classes of priority and runtime.</summary>
internal static class ClusterValidation
{
    private const long HighestUserPriority = 1_000_000_000;

    public static void Node(JsonObject node, FieldErrors errors)
    {
        var spec = node.Spec() ?? [];
        var seen = new HashSet<(string?, string?)>();
        var index = 0;
        foreach (var taint in spec.Items("taints"))
        {
            var at = $"spec.taints[{index++}]";
            errors.Check($"{at}.key", taint.Text("key") ?? "", ObjectNames.QualifiedName(taint.Text("key") ?? ""));
            errors.Check($"{at}.value", taint.Text("value") ?? "", ObjectNames.LabelValue(taint.Text("value") ?? ""));
            if (!taint.Has("effect"))
            {
                errors.Required($"{at}.effect");
            }
            else
            {
                Rules.OneOf(taint, "effect", at, errors, "NoSchedule", "PreferNoSchedule", "NoExecute");
            }

            if (!seen.Add((taint.Text("key"), taint.Text("effect"))))
            {
                errors.Duplicate(at, taint);
            }
        }

        index = 0;
        foreach (var cidr in spec.Texts("podCIDRs"))
        {
            errors.Check($"spec.podCIDRs[{index++}]", cidr, Rules.Cidr(cidr));
        }
    }

    public static void NodeUpdate(JsonObject node, JsonObject old, FieldErrors errors)
    {
        Node(node, errors);
        var (spec, before) = (node.Spec() ?? [], old.Spec() ?? []);
        if (before.Has("podCIDR") && spec.Text("podCIDR") != before.Text("podCIDR"))
        {
            errors.Forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }

        if (before.Has("providerID") && spec.Text("providerID") != before.Text("providerID"))
        {
            errors.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }
    }

    public static void Namespace(JsonObject @namespace, FieldErrors errors)
    {
        foreach (var finalizer in @namespace.Spec()?.Texts("finalizers") ?? [])
        {
            errors.Check("spec.finalizers", finalizer, ObjectNames.QualifiedName(finalizer));
        }
    }

    public static void Lease(JsonObject lease, FieldErrors errors)
    {
        var spec = lease.Spec() ?? [];
        if (spec.Text("holderIdentity") is "")
        {
            errors.Invalid("spec.holderIdentity", "", "must not be empty");
        }

        Rules.Positive(spec, "leaseDurationSeconds", "spec", errors);
        Rules.NotNegative(spec, "leaseTransitions", "spec", errors);
    }

    public static void PriorityClass(JsonObject priority, FieldErrors errors)
    {
        var (name, value) = (priority.Name(), priority.Number("value") ?? 0);
        if (name.StartsWith("system-", StringComparison.Ordinal))
        {
            if ((name, value) is not (("system-node-critical", 2_000_001_000) or ("system-cluster-critical", 2_000_000_000)))
            {
                errors.Forbidden("metadata.name", "priority class names with 'system-' prefix are reserved for system use only. error: " + $"{name} is not a known system priority class");
            }
        }
        else if (value > HighestUserPriority)
        {
            errors.Forbidden("value", $"maximum allowed value of a user defined priority is {HighestUserPriority}");
        }

        if (priority.Has("preemptionPolicy") && priority.Text("preemptionPolicy") is not ("Never" or "PreemptLowerPriority"))
        {
            errors.NotSupported("preemptionPolicy", priority.Text("preemptionPolicy"), ["Never", "PreemptLowerPriority"]);
        }
    }

    public static void PriorityUnchanged(JsonObject priority, JsonObject old, FieldErrors errors)
    {
        if ((priority.Number("value") ?? 0) != (old.Number("value") ?? 0))
        {
            errors.Forbidden("value", "may not be changed in an update.");
        }

        if (priority.Text("preemptionPolicy") != old.Text("preemptionPolicy"))
        {
            errors.Invalid("preemptionPolicy", priority.Text("preemptionPolicy"), Rules.Immutable);
        }
    }

    public static void RuntimeClass(JsonObject runtime, FieldErrors errors)
    {
        var handler = runtime.Text("handler") ?? "";
        errors.Check("handler", handler, ObjectNames.Dns1123Label(handler));
        ResourceValidation.Quantities(runtime.Object("overhead")?.Object("podFixed"), "overhead.podFixed", errors);
        if (runtime.Object("scheduling") is { } scheduling)
        {
            MetadataValidation.Labels(scheduling.Object("nodeSelector"), "scheduling.nodeSelector", errors);
            PodPlacementValidation.Tolerations(scheduling, "scheduling", errors);
        }
    }

    public static void HandlerUnchanged(JsonObject runtime, JsonObject old, FieldErrors errors)
    {
        if (runtime.Text("handler") != old.Text("handler"))
        {
            errors.Invalid("handler", runtime.Text("handler"), Rules.Immutable);
        }
    }

    public static void IngressClass(JsonObject ingressClass, FieldErrors errors)
    {
        var controller = ingressClass.Spec()?.Text("controller") ?? "";
        if (controller.Length == 0)
        {
            errors.Required("spec.controller");
        }
        else if (controller.Length > 250)
        {
            errors.Add(FieldError.TooLong("spec.controller", 250));
        }
        else if (!controller.Contains('/'))
        {
            errors.Invalid("spec.controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }

    public static void ControllerUnchanged(JsonObject ingressClass, JsonObject old, FieldErrors errors) =>
        Rules.Unchanged(ingressClass.Spec(), old.Spec(), "controller", "spec", errors);
}
