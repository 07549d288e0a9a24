using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Admission policies in CEL and their bindings: their shape. What expressions say is not read.</summary>
internal static class AdmissionPolicyValidation
{
    public static void Policy(JsonObject policy, FieldErrors errors)
    {
        // Kept and never evaluated, a policy would be a promise that is not held.
        errors.Forbidden("spec", "CEL policies are not supported by this server: use an admission webhook");
        var spec = policy.Spec() ?? [];
        var isMutating = policy.Text("kind") == "MutatingAdmissionPolicy";
        Rules.RequiredOneOf(spec, "failurePolicy", "spec", errors, "Fail", "Ignore");
        if (spec.Object("paramKind") is { } kind) { ParamKind(kind, errors); }
        if (spec.Object("matchConstraints") is not { } match) { errors.Required("spec.matchConstraints"); }
        else
        {
            Match(match, "spec.matchConstraints", errors);
            if (match.List("resourceRules") is not { Count: > 0 }) { errors.Required("spec.matchConstraints.resourceRules"); }
        }

        Conditions(spec, errors);
        foreach (var (index, variable) in spec.Items("variables").Index())
        {
            Filled(variable, "name", $"spec.variables[{index}]", errors);
            Filled(variable, "expression", $"spec.variables[{index}]", errors);
        }

        if (isMutating) { Mutations(spec, errors); }
        else { Validations(policy.Name(), spec, errors); }
    }

    public static void Binding(JsonObject binding, FieldErrors errors)
    {
        var spec = binding.Spec() ?? [];
        Rules.Required(spec, "policyName", "spec", errors, ObjectNames.Dns1123Subdomain);
        if (spec.Object("paramRef") is { } reference) { ParamReference(reference, errors); }
        // Upstream's spelling.
        if (spec.Object("matchResources") is { } match) { Match(match, "spec.matchResouces", errors); }
        if (binding.Text("kind") == "ValidatingAdmissionPolicyBinding") { Actions(spec, errors); }
    }

    private static void ParamKind(JsonObject kind, FieldErrors errors)
    {
        const string path = "spec.paramKind";
        var version = kind.Text("apiVersion") ?? "";
        var parts = version.Split('/');
        if (version.Length == 0) { errors.Required($"{path}.apiVersion"); }
        else if (parts.Length > 2) { errors.Invalid($"{path}.apiVersion", version, $"unexpected GroupVersion string: {version}"); }
        else
        {
            if (parts.Length == 2 && parts[0].Length > 0) { errors.Check($"{path}.apiVersion", parts[0], ObjectNames.Dns1123Subdomain(parts[0])); }
            if (parts[^1].Length == 0) { errors.Invalid($"{path}.apiVersion", version, "version must be specified"); }
            else { errors.Check($"{path}.apiVersion", parts[^1], ObjectNames.Dns1035Label(parts[^1])); }
        }

        Rules.Required(kind, "kind", path, errors, ObjectNames.Kind);
    }

    private static void Match(JsonObject match, string path, FieldErrors errors)
    {
        Rules.RequiredOneOf(match, "matchPolicy", path, errors, "Equivalent", "Exact");
        SelectorValidation.LabelSelector(match.Object("namespaceSelector"), $"{path}.namespaceSelector", errors);
        SelectorValidation.LabelSelector(match.Object("objectSelector"), $"{path}.objectSelector", errors);
        foreach (var list in (ReadOnlySpan<string>)["resourceRules", "excludeResourceRules"])
        {
            foreach (var (index, rule) in match.Items(list).Index())
            {
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var (place, name) in rule.Texts("resourceNames").Index())
                {
                    var at = $"{path}.{list}[{index}].resourceNames[{place}]";
                    errors.Check(at, name, ObjectNames.PathSegment(name));
                    if (!seen.Add(name)) { errors.Duplicate(at, name); }
                }

                WebhookValidation.Rule(rule, $"{path}.{list}[{index}]", errors);
            }
        }
    }

    private static void Conditions(JsonObject spec, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (spec.List("matchConditions")?.Count is > 64 and var count) { errors.Add(FieldError.TooMany("spec.matchConditions", count, 64)); }
        foreach (var (index, condition) in spec.Items("matchConditions").Index())
        {
            var at = $"spec.matchConditions[{index}]";
            if ((condition.Text("expression") ?? "").Trim().Length == 0) { errors.Required($"{at}.expression"); }
            Rules.Required(condition, "name", at, errors, ObjectNames.QualifiedName);
            if (condition.Text("name") is { Length: > 0 } name && !names.Add(name)) { errors.Duplicate($"{at}.name", name); }
        }
    }

    private static void Validations(string policy, JsonObject spec, FieldErrors errors)
    {
        if (spec.List("validations") is not { Count: > 0 } && spec.List("auditAnnotations") is not { Count: > 0 })
        {
            errors.Required("spec.validations", "validations or auditAnnotations must contain at least one item");
            errors.Required("spec.auditAnnotations", "validations or auditAnnotations must contain at least one item");
            return;
        }

        foreach (var (index, validation) in spec.Items("validations").Index())
        {
            var at = $"spec.validations[{index}]";
            Filled(validation, "expression", at, errors);
            if (IsBlank(validation, "messageExpression")) { errors.Invalid($"{at}.messageExpression", validation.Text("messageExpression"), "must be non-empty if specified"); }
            if (IsBlank(validation, "message")) { errors.Invalid($"{at}.message", validation.Text("message"), "message must be non-empty if specified"); }
            else if ((validation.Text("message") ?? "").Trim().AsSpan().ContainsAny('\n', '\r')) { errors.Invalid($"{at}.message", validation.Text("message"), "message must not contain line breaks"); }
            Rules.OneOf(validation, "reason", at, errors, "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized");
        }

        Annotations(policy, spec, errors);
    }

    private static void Annotations(string policy, JsonObject spec, FieldErrors errors)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        if (spec.List("auditAnnotations") is { Count: > 20 } all) { errors.Invalid("spec.auditAnnotations", all, "must not have more than 20 auditAnnotations"); }
        foreach (var (index, annotation) in spec.Items("auditAnnotations").Index())
        {
            var (at, key) = ($"spec.auditAnnotations[{index}]", annotation.Text("key") ?? "");
            errors.Check($"{at}.key", $"{policy}/{key}", ObjectNames.QualifiedName($"{policy}/{key}"));
            Filled(annotation, "valueExpression", at, errors);
            if (!keys.Add(key)) { errors.Duplicate($"{at}.key", key); }
        }
    }

    private static void Mutations(JsonObject spec, FieldErrors errors)
    {
        if (spec.List("mutations") is not { Count: > 0 }) { errors.Required("spec.mutations", "mutations must contain at least one item"); }
        foreach (var (index, mutation) in spec.Items("mutations").Index())
        {
            var at = $"spec.mutations[{index}]";
            switch (mutation.Text("patchType"))
            {
                case "ApplyConfiguration": Patch("applyConfiguration", other: "jsonPatch"); break;
                case "JSONPatch": Patch("jsonPatch", other: "applyConfiguration"); break;
                case null or "": errors.Required($"{at}.patchType"); break;
                case var other: errors.NotSupported($"{at}.patchType", other, ["ApplyConfiguration", "JSONPatch"]); break;
            }

            void Patch(string field, string other)
            {
                var type = mutation.Text("patchType");
                if (mutation.Object(field) is not { } patch) { errors.Required($"{at}.{field}", $"must be specified when patchType is {type}"); }
                else if (string.IsNullOrWhiteSpace(patch.Text("expression"))) { errors.Required($"{at}.{field}.expression"); }
                if (mutation.Object(other) is not null) { errors.Invalid($"{at}.{other}", $"{{{other}}}", $"must not be specified when patchType is {type}"); }
            }
        }

        Rules.RequiredOneOf(spec, "reinvocationPolicy", "spec", errors, "IfNeeded", "Never");
    }

    private static void ParamReference(JsonObject reference, FieldErrors errors)
    {
        const string path = "spec.paramRef";
        const string exclusive = "name and selector are mutually exclusive";
        var selector = reference.Object("selector");
        Rules.Optional(reference, "name", path, errors, ObjectNames.PathSegment);
        if (reference.Has("name") && selector is not null) { errors.Forbidden($"{path}.name", exclusive); }
        SelectorValidation.LabelSelector(selector, $"{path}.selector", errors);
        if (reference.Has("name") && selector is not null) { errors.Forbidden($"{path}.selector", exclusive); }
        if (!reference.Has("name") && selector is null) { errors.Required(path, "one of name or selector must be specified"); }
        Rules.RequiredOneOf(reference, "parameterNotFoundAction", path, errors, "Deny", "Allow");
    }

    private static void Actions(JsonObject spec, FieldErrors errors)
    {
        const string path = "spec.validationActions";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, action) in spec.Texts("validationActions").Index())
        {
            if (action is not ("Deny" or "Warn" or "Audit")) { errors.NotSupported($"{path}[{index}]", action, ["Audit", "Deny", "Warn"]); }
            if (!seen.Add(action)) { errors.Duplicate($"{path}[{index}]", action); }
        }

        if (seen.Contains("Deny") && seen.Contains("Warn"))
        {
            errors.Invalid(path, spec["validationActions"], "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }

        if (seen.Count == 0) { errors.Required(path, "at least one validation action is required"); }
    }

    private static void Filled(JsonObject holder, string field, string path, FieldErrors errors)
    {
        if ((holder.Text(field) ?? "").Trim().Length == 0) { errors.Required($"{path}.{field}", $"{field} is not specified"); }
    }

    private static bool IsBlank(JsonObject holder, string field) => holder.Has(field) && holder.Text(field)!.Trim().Length == 0;
}
