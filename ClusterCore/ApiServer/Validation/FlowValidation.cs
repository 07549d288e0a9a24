using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.FlowControl;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Who waits in which queue: flow schemas and priority levels.</summary>
internal static class FlowValidation
{
    private const int MostQueues = 10_000_000;
    private const int MostPrecedence = 10_000;

    /// <summary>Above this a shuffle-sharded hand cannot be dealt from 64 bits of hash.</summary>
    private const int MostEntropyBits = 60;

    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
    private static readonly (string Kind, string Field)[] Subjects = [("ServiceAccount", "serviceAccount"), ("User", "user"), ("Group", "group")];

    public static void FlowSchema(JsonObject schema, FieldErrors errors)
    {
        var spec = schema.Spec() ?? [];
        Precedence(schema.Name(), spec.Number("matchingPrecedence") ?? 0, errors);
        if (spec.Object("distinguisherMethod") is { } method && method.Text("type") is not ("ByUser" or "ByNamespace"))
        {
            errors.NotSupported("spec.distinguisherMethod.type", method, ["ByNamespace", "ByUser"]);
        }

        Rules.Required(
            spec.Object("priorityLevelConfiguration") ?? [], "name", "spec.priorityLevelConfiguration", errors, ObjectNames.Dns1123Subdomain, "must reference a priority level");
        Sets.Each(spec, "rules", int.MaxValue, "spec", errors, Rule);
        Fixed(schema, DefaultFlows.FlowSchemas(), "", errors);
    }

    /// <summary>Of both kinds: each condition once.</summary>
    public static void Status(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, condition) in (obj.Object("status")?.Items("conditions") ?? []).Index())
        {
            var (at, type) = ($"status.conditions[{index}].type", condition.Text("type") ?? "");
            if (!types.Add(type))
            {
                errors.Duplicate(at, type);
            }

            if (type.Length == 0)
            {
                errors.Required(at, "must not be empty");
            }
        }
    }

    public static void PriorityLevel(JsonObject configuration, FieldErrors errors)
    {
        var spec = configuration.Spec() ?? [];
        if (configuration.Name() == "exempt" != (spec.Text("type") == "Exempt")) { errors.Invalid("spec.type", spec.Text("type") ?? "", "must be 'Exempt' if and only if `name` is 'exempt'"); }
        switch (spec.Text("type"))
        {
            case "Exempt" when spec["limited"] is not null:
                errors.Forbidden("spec.limited", "must be nil if the type is not Limited");
                break;
            case "Limited" when spec["exempt"] is not null:
                errors.Forbidden("spec.exempt", "must be nil if the type is Limited");
                break;
            case "Limited" when spec["limited"] is null:
                errors.Required("spec.limited", "must not be empty when type is Limited");
                break;
            case "Exempt" or "Limited":
                break;
            case var unknown:
                errors.NotSupported("spec.type", unknown ?? "", ["Exempt", "Limited"]);
                break;
        }

        if (spec.Text("type") == "Exempt") { Shares(spec.Object("exempt"), "spec.exempt", errors); }
        if (spec.Text("type") == "Limited" && spec.Object("limited") is { } limited)
        {
            Shares(limited, "spec.limited", errors);
            Limited(limited, errors);
        }

        Fixed(configuration, DefaultFlows.PriorityLevels(), spec.Text("type") == "Exempt" ? " except the 'spec.exempt' field" : "", errors);
    }

    /// <summary>Without the mandatory objects nothing says what becomes of a request that no other rule is about.</summary>
    private static void Fixed(JsonObject obj, IEnumerable<JsonObject> defaults, string exception, FieldErrors errors)
    {
        if (!DefaultFlows.IsMandatory(obj.Name()) || FlowReconciliation.HasSpec(obj, defaults.First(one => one.Name() == obj.Name()))) { return; }
        errors.Invalid("spec", obj["spec"], $"spec of '{obj.Name()}'{exception} must equal the fixed value");
    }

    private static void Precedence(string name, long precedence, FieldErrors errors)
    {
        if (precedence <= 0)
        {
            errors.Invalid("spec.matchingPrecedence", precedence, "must be a positive value");
        }
        else if (precedence > MostPrecedence)
        {
            errors.Invalid("spec.matchingPrecedence", precedence, $"must not be greater than {MostPrecedence}");
        }

        if (precedence == 1 && name != "exempt")
        {
            errors.Invalid("spec.matchingPrecedence", precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
        }
    }

    private static void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        if (rule.List("subjects") is not { Count: > 0 })
        {
            errors.Required($"{path}.subjects", "subjects must contain at least one value");
        }

        Sets.Each(rule, "subjects", int.MaxValue, path, errors, Subject);
        if (rule.List("resourceRules") is not { Count: > 0 } && rule.List("nonResourceRules") is not { Count: > 0 })
        {
            errors.Required(path, "at least one of resourceRules and nonResourceRules has to be non-empty");
        }

        Sets.Each(rule, "resourceRules", int.MaxValue, path, errors, ResourceRule);
        Sets.Each(rule, "nonResourceRules", int.MaxValue, path, errors, static (one, at, found) =>
        {
            RuleVerbs(one, at, found);
            Filled(one, "nonResourceURLs", at, "nonResourceURLs must contain at least one value", "non-resource URLs", found);
            if (one.Texts("nonResourceURLs").Contains("*")) { return; }
            foreach (var (index, url) in one.Texts("nonResourceURLs").Index()) { Url(url, $"{at}.nonResourceURLs[{index}]", found); }
        });
    }

    private static void Subject(JsonObject subject, string path, FieldErrors errors)
    {
        var kind = subject.Text("kind") ?? "";
        if (!Subjects.Any(known => known.Kind == kind))
        {
            errors.NotSupported($"{path}.kind", kind, ["Group", "ServiceAccount", "User"]);
            return;
        }

        Named(subject, kind, path, errors);
        foreach (var (known, field) in Subjects.Where(known => known.Kind != kind && subject[known.Field] is not null))
        {
            errors.Forbidden($"{path}.{field}", $"{field} is forbidden when subject kind is not '{known}'");
        }
    }

    private static void Named(JsonObject subject, string kind, string path, FieldErrors errors)
    {
        var field = Subjects.First(known => known.Kind == kind).Field;
        if (subject.Object(field) is not { } named)
        {
            errors.Required($"{path}.{field}", $"{field} is required when subject kind is '{kind}'");
            return;
        }

        Rules.Required(named, "name", $"{path}.{field}", errors);
        if (kind != "ServiceAccount") { return; }
        if (named.Text("name") != "*") { Rules.Optional(named, "name", $"{path}.{field}", errors, ObjectNames.Dns1123Subdomain); }
        Rules.Required(named, "namespace", $"{path}.{field}", errors, ObjectNames.Dns1123Label, "must specify namespace for service account");
    }

    private static void Url(string url, string path, FieldErrors errors)
    {
        if (url.Length == 0) { errors.Invalid(path, url, "must not be empty"); }
        else if (url == "/") { return; }
        else if (url[0] != '/') { errors.Invalid(path, url, "must start with slash"); }
        else if (url.Contains(' ')) { errors.Invalid(path, url, "must not contain white-space"); }
        else if (url.Contains("//", StringComparison.Ordinal)) { errors.Invalid(path, url, "must not contain double slash"); }
        else if (url.Count(static sign => sign == '*') > 1 || (url.Contains('*') && !url.EndsWith("/*", StringComparison.Ordinal))) { errors.Invalid(path, url, "wildcard can only do suffix matching"); }
    }

    private static void ResourceRule(JsonObject rule, string path, FieldErrors errors)
    {
        RuleVerbs(rule, path, errors);
        Filled(rule, "apiGroups", path, "resource rules must supply at least one api group", "api groups", errors);
        Filled(rule, "resources", path, "resource rules must supply at least one resource", "resources", errors);
        if (rule.List("namespaces") is not { Count: > 0 } && rule.Flag("clusterScope") != true)
        {
            errors.Required($"{path}.namespaces", "resource rules that are not cluster scoped must supply at least one namespace");
        }
        else
        {
            Alone(rule, "namespaces", path, "namespaces", errors);
            if (rule.Texts("namespaces").Contains("*")) { return; }
            foreach (var (index, name) in rule.Texts("namespaces").Index())
            {
                errors.Check($"{path}.namespaces[{index}]", name, [.. ObjectNames.Dns1123Label(name).Select(static wrong => $"each member of this list must be '*' or a DNS-1123 label; {wrong}")]);
            }
        }
    }

    private static void RuleVerbs(JsonObject rule, string path, FieldErrors errors)
    {
        Filled(rule, "verbs", path, "verbs must contain at least one value", "verbs", errors);
        if (!rule.Texts("verbs").Contains("*") && rule.Texts("verbs").Except(Verbs, StringComparer.Ordinal).Any())
        {
            errors.NotSupported($"{path}.verbs", rule["verbs"], Verbs);
        }
    }

    private static void Filled(JsonObject rule, string field, string path, string whenEmpty, string others, FieldErrors errors)
    {
        if (rule.List(field) is not { Count: > 0 })
        {
            errors.Required($"{path}.{field}", whenEmpty);
        }
        else
        {
            Alone(rule, field, path, others, errors);
        }
    }

    private static void Alone(JsonObject rule, string field, string path, string others, FieldErrors errors)
    {
        if (rule.List(field) is { Count: > 1 } && rule.Texts(field).Contains("*", StringComparer.Ordinal))
        {
            errors.Invalid($"{path}.{field}", rule[field], $"if '*' is present, must not specify other {others}");
        }
    }

    private static void Shares(JsonObject? level, string path, FieldErrors errors)
    {
        if (level?.Number("nominalConcurrencyShares") is < 0 and var shares)
        {
            errors.Invalid($"{path}.nominalConcurrencyShares", shares, "must be a non-negative integer");
        }

        Rules.Between(level ?? [], "lendablePercent", 0, 100, path, errors);
    }

    private static void Limited(JsonObject limited, FieldErrors errors)
    {
        if (limited.Number("borrowingLimitPercent") is < 0 and var percent)
        {
            errors.Invalid("spec.limited.borrowingLimitPercent", percent, "if specified, must be a non-negative integer");
        }

        var response = limited.Object("limitResponse") ?? [];
        switch (response.Text("type"))
        {
            case "Reject" when response["queuing"] is not null:
                errors.Forbidden("spec.limited.limitResponse.queuing", "must be nil if limited.limitResponse.type is not Limited");
                break;
            case "Queue" when response["queuing"] is null:
                errors.Required("spec.limited.limitResponse.queuing", "must not be empty if limited.limitResponse.type is Limited");
                break;
            case "Reject":
                break;
            case "Queue":
                Queuing(response.Object("queuing")!, "spec.limited.limitResponse.queuing", errors);
                break;
            case var unknown:
                errors.NotSupported("spec.limited.limitResponse.type", unknown ?? "", ["Queue", "Reject"]);
                break;
        }
    }

    private static void Queuing(JsonObject queuing, string path, FieldErrors errors)
    {
        var (queues, hand) = (queuing.Number("queues") ?? 0, queuing.Number("handSize") ?? 0);
        foreach (var field in (ReadOnlySpan<string>)["queueLengthLimit", "queues", "handSize"])
        {
            if ((queuing.Number(field) ?? 0) is <= 0 and var value)
            {
                errors.Invalid($"{path}.{field}", value, "must be positive");
            }
        }

        if (queues > MostQueues)
        {
            errors.Invalid($"{path}.queues", queues, $"must not be greater than {MostQueues}");
        }
        else if (hand > queues)
        {
            errors.Invalid($"{path}.handSize", hand, $"should not be greater than queues ({queues})");
        }
        else if (queues > 0 && hand > 0 && EntropyBits(queues, hand) is > MostEntropyBits and var bits)
        {
            errors.Invalid($"{path}.handSize", hand, $"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than {MostEntropyBits}: {bits}");
        }
    }

    private static int EntropyBits(long queues, long hand)
    {
        var bits = 0.0;
        for (var dealt = 0; dealt < hand && bits <= MostEntropyBits; dealt++)
        {
            bits += Math.Log2(queues - dealt);
        }

        return (int)Math.Ceiling(bits);
    }
}
