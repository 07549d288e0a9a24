using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>What extends the API: custom resources, aggregated APIs.</summary>
internal static class ExtensionValidation
{
    public static void CustomResourceDefinition(JsonObject definition, FieldErrors errors)
    {
        var spec = definition.Spec() ?? [];
        var names = spec.Object("names") ?? [];
        var (plural, group) = (names.Text("plural") ?? "", spec.Text("group") ?? "");
        if (definition.Name() != $"{plural}.{group}")
        {
            errors.Invalid("metadata.name", definition.Name(), "must be spec.names.plural+\".\"+spec.group");
        }

        Rules.Required(spec, "group", "spec", errors, ObjectNames.Dns1123Subdomain);
        if (group.Length > 0 && !group.Contains('.'))
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }

        Rules.RequiredOneOf(spec, "scope", "spec", errors, "Cluster", "Namespaced");
        Names(names, errors);
        Versions(spec, errors);
        // With one version there is nothing to convert, whoever would do it.
        if (spec.Object("conversion")?.Text("strategy") == "Webhook" && spec.Items("versions").Skip(1).Any())
        {
            errors.Forbidden("spec.conversion.strategy", "this server does not convert custom resources by webhooks: serve one version, or use the strategy None");
        }

        if (spec.Flag("preserveUnknownFields") == true)
        {
            errors.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    public static void CustomResourceDefinitionUpdate(JsonObject definition, JsonObject old, FieldErrors errors)
    {
        CustomResourceDefinition(definition, errors);
        var isEstablished = old.Object("status")?.Items("conditions").Any(static condition => condition.Text("type") == "Established" && condition.Text("status") == "True") == true;
        if (isEstablished)
        {
            Rules.Unchanged(definition.Spec(), old.Spec(), "scope", "spec", errors);
            Rules.Unchanged(definition.Spec()?.Object("names"), old.Spec()?.Object("names"), "kind", "spec.names", errors);
        }

        Rules.Unchanged(definition.Spec(), old.Spec(), "group", "spec", errors);
        Rules.Unchanged(definition.Spec()?.Object("names"), old.Spec()?.Object("names"), "plural", "spec.names", errors);
    }

    public static void ApiService(JsonObject service, FieldErrors errors)
    {
        var spec = service.Spec() ?? [];
        var (group, version) = (spec.Text("group") ?? "", spec.Text("version") ?? "");
        if (service.Name() != $"{version}.{group}")
        {
            errors.Invalid("metadata.name", service.Name(), $"must be `spec.version+\".\"+spec.group`: \"{version}.{group}\"");
        }

        Rules.Required(spec, "version", "spec", errors, ObjectNames.Dns1035Label);
        Rules.Between(spec, "groupPriorityMinimum", 1, 20_000, "spec", errors);
        Rules.Between(spec, "versionPriority", 1, 1_000, "spec", errors);
        if (spec.Object("service") is { } reference)
        {
            Rules.Required(reference, "namespace", "spec.service", errors);
            Rules.Required(reference, "name", "spec.service", errors);
            if (spec.Flag("insecureSkipTLSVerify") == true && spec.Has("caBundle"))
            {
                errors.Invalid("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present");
            }

            // Its group would be listed and never answered for: clients that walk all groups would fail.
            errors.Forbidden("spec.service", "this server does not aggregate other API servers");
        }
    }

    private static void Names(JsonObject names, FieldErrors errors)
    {
        Rules.Required(names, "plural", "spec.names", errors, ObjectNames.Dns1035Label);
        Rules.Required(names, "singular", "spec.names", errors, ObjectNames.Dns1035Label);
        Rules.Required(names, "kind", "spec.names", errors, static kind => ObjectNames.Dns1035Label(kind.ToLowerInvariant()));
        Rules.Required(names, "listKind", "spec.names", errors, static kind => ObjectNames.Dns1035Label(kind.ToLowerInvariant()));
        if (names.Has("kind") && names.Text("kind") == names.Text("listKind"))
        {
            errors.Invalid("spec.names.listKind", names.Text("listKind"), "kind and listKind may not be the same");
        }

        var index = 0;
        foreach (var name in names.Texts("shortNames"))
        {
            errors.Check($"spec.names.shortNames[{index++}]", name, ObjectNames.Dns1035Label(name));
        }
    }

    private static void Versions(JsonObject spec, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var stored = 0;
        var index = 0;
        foreach (var version in spec.Items("versions"))
        {
            var at = $"spec.versions[{index++}]";
            Rules.Required(version, "name", at, errors, ObjectNames.Dns1035Label);
            if (!seen.Add(version.Text("name") ?? ""))
            {
                errors.Invalid("spec.versions", spec["versions"], "must contain unique version names");
            }

            stored += version.Flag("storage") == true ? 1 : 0;
            if (version.Object("schema")?.Object("openAPIV3Schema") is not { } schema)
            {
                errors.Required($"{at}.schema.openAPIV3Schema", "schemas are required");
            }
            else
            {
                SchemaPatterns.Check(schema, $"{at}.schema.openAPIV3Schema", errors);
            }

            if (version.Object("schema")?.Object("openAPIV3Schema") is { } root && root.Text("type") is var type and not "object")
            {
                errors.Add(root.Has("type")
                    ? FieldError.Invalid($"{at}.schema.openAPIV3Schema.type", type, "must be object at the root")
                    : FieldError.Required($"{at}.schema.openAPIV3Schema.type", "must not be empty at the root"));
            }
        }

        if (index == 0)
        {
            errors.Required("spec.versions", "must have at least one version");
        }
        else if (stored != 1)
        {
            errors.Invalid("spec.versions", spec["versions"], "must have exactly one version marked as storage version");
        }
    }
}
