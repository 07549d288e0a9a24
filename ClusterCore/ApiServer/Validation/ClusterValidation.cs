using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Namespaces, leases, classes of priority and runtime.</summary>
internal static class ClusterValidation
{
    private const long HighestUserPriority = 1_000_000_000;

    public static void Namespace(JsonObject @namespace, FieldErrors errors)
    {
        foreach (var finalizer in @namespace.Spec()?.Texts("finalizers") ?? [])
        {
            Finalizer(finalizer, "spec.finalizers", errors);
        }
    }

    public static void NamespaceFinalize(JsonObject @namespace, JsonObject old, FieldErrors errors)
    {
        var index = 0;
        foreach (var finalizer in @namespace.Spec()?.Texts("finalizers") ?? [])
        {
            Finalizer(finalizer, $"spec.finalizers[{index++}]", errors);
        }
    }

    public static void NamespaceStatus(JsonObject @namespace, JsonObject old, FieldErrors errors)
    {
        var (phase, isDeleting) = (@namespace.Object("status")?.Text("phase") ?? "", @namespace.Metadata()?.Has("deletionTimestamp") == true);
        if (phase != (isDeleting ? "Terminating" : "Active"))
        {
            errors.Invalid(
                "status.Phase", phase, isDeleting ? "may only be 'Terminating' if `deletionTimestamp` is not empty" : "may only be 'Active' if `deletionTimestamp` is empty");
        }
    }

    private static void Finalizer(string name, string path, FieldErrors errors)
    {
        if (ObjectNames.QualifiedName(name) is { Count: > 0 } wrong)
        {
            errors.Check(path, name, wrong);
        }
        else if (!MetadataValidation.IsFinalizer(name))
        {
            errors.Invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified");
        }
    }

    public static void Lease(JsonObject lease, FieldErrors errors)
    {
        var spec = lease.Spec() ?? [];
        Rules.Positive(spec, "leaseDurationSeconds", "spec", errors);
        Rules.NotNegative(spec, "leaseTransitions", "spec", errors);
        if (spec.Text("strategy") is { } strategy)
        {
            LeaseStrategy(strategy, errors);
        }

        if (spec.Has("preferredHolder") && !spec.Has("strategy"))
        {
            errors.Forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
        }
    }

    /// <summary>One of Kubernetes' own strategies, or somebody's with a prefix. Upstream names the field twice.</summary>
    private static void LeaseStrategy(string strategy, FieldErrors errors)
    {
        if (strategy.Contains('/'))
        {
            errors.Check("spec.strategy.strategy", strategy, ObjectNames.QualifiedName(strategy));
        }
        else if (strategy != "OldestEmulationVersion")
        {
            errors.NotSupported("spec.strategy.strategy", strategy, ["OldestEmulationVersion"]);
        }
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
        ResourceValidation.Quantities(runtime.Object("overhead")?.Object("podFixed"), "overhead.limits", errors);
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
        if (controller.Length > 250) { errors.Add(FieldError.TooLong("spec.controller", 250)); }
        DomainPrefixedPath(controller, "spec.controller", errors);

        if (ingressClass.Spec()?.Object("parameters") is { } parameters)
        {
            IngressParameters(parameters, "spec.parameters", errors);
        }
    }

    /// <summary>A name that says whose it is, such as <c>acme.io/foo</c>.</summary>
    public static void DomainPrefixedPath(string path, string field, FieldErrors errors)
    {
        if (path.Length == 0)
        {
            errors.Required(field);
            return;
        }

        var slash = path.IndexOf('/');
        if (slash <= 0 || slash == path.Length - 1)
        {
            errors.Invalid(field, path, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            return;
        }

        errors.Check(field, path[..slash], ObjectNames.Dns1123Subdomain(path[..slash]));
        if (path[(slash + 1)..].Any(static c => !char.IsAsciiLetterOrDigit(c) && !"/:%._~!$&'()*+,;=-".Contains(c)))
        {
            errors.Invalid(field, path[(slash + 1)..], "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
        }
    }

    private static void IngressParameters(JsonObject parameters, string path, FieldErrors errors)
    {
        IngressValidation.Reference(parameters, path, errors);
        Rules.OneOf(parameters, "scope", path, errors, "Cluster", "Namespace");
        switch (parameters.Text("scope"), parameters.Text("namespace"))
        {
            case ("Namespace", null): errors.Required($"{path}.namespace", "`parameters.scope` is set to 'Namespace'"); break;
            case ("Namespace", var name): errors.Check($"{path}.namespace", name, ObjectNames.Dns1123Label(name)); break;
            case ("Cluster", not null): errors.Forbidden($"{path}.namespace", "`parameters.scope` is set to 'Cluster'"); break;
        }
    }

    public static void ControllerUnchanged(JsonObject ingressClass, JsonObject old, FieldErrors errors) =>
        Rules.Unchanged(ingressClass.Spec(), old.Spec(), "controller", "spec", errors);
}
