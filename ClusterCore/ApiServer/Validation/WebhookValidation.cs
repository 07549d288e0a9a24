using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Configurations of admission webhooks, mutating and validating.</summary>
internal static class WebhookValidation
{
    public static void Configuration(JsonObject configuration, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var webhook in configuration.Items("webhooks"))
        {
            var at = $"webhooks[{index++}]";
            One(webhook, at, errors);
            if (!names.Add(webhook.Text("name") ?? ""))
            {
                errors.Duplicate($"{at}.name", webhook.Text("name"));
            }
        }
    }

    private static void One(JsonObject webhook, string path, FieldErrors errors)
    {
        var name = webhook.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else if (ObjectNames.Dns1123Subdomain(name) is { Count: > 0 } invalid)
        {
            errors.Invalid($"{path}.name", name, string.Join(',', invalid));
        }
        else if (name.Split('.').Length < 3)
        {
            errors.Invalid($"{path}.name", name, "should be a domain with at least three segments separated by dots");
        }

        if (webhook.List("admissionReviewVersions") is not { Count: > 0 })
        {
            errors.Required($"{path}.admissionReviewVersions", "must specify one of v1, v1beta1");
        }
        else if (!webhook.Texts("admissionReviewVersions").Any(static version => version is "v1" or "v1beta1"))
        {
            errors.Invalid($"{path}.admissionReviewVersions", webhook["admissionReviewVersions"], "must include at least one of v1, v1beta1");
        }

        Rules.RequiredOneOf(webhook, "sideEffects", path, errors, "None", "NoneOnDryRun");
        Rules.OneOf(webhook, "failurePolicy", path, errors, "Fail", "Ignore");
        Rules.OneOf(webhook, "matchPolicy", path, errors, "Equivalent", "Exact");
        Rules.Between(webhook, "timeoutSeconds", 1, 30, path, errors);
        Rules.OneOf(webhook, "reinvocationPolicy", path, errors, "Never", "IfNeeded");
        Client(webhook.Object("clientConfig") ?? [], $"{path}.clientConfig", errors);
        if (webhook.List("matchConditions") is { Count: > 0 })
        {
            errors.Forbidden($"{path}.matchConditions", "CEL expressions are not supported by this server: use rules and selectors");
        }

        var index = 0;
        foreach (var rule in webhook.Items("rules"))
        {
            Rule(rule, $"{path}.rules[{index++}]", errors);
        }

        SelectorValidation.LabelSelector(webhook.Object("namespaceSelector"), $"{path}.namespaceSelector", errors);
        SelectorValidation.LabelSelector(webhook.Object("objectSelector"), $"{path}.objectSelector", errors);
    }

    public static void Client(JsonObject client, string path, FieldErrors errors)
    {
        switch (client["url"], client["service"])
        {
            case ({ } url, null): Url(url.ToString(), $"{path}.url", errors); break;
            case (null, JsonObject service): Service(service, $"{path}.service", errors); break;
            default: errors.Required(path, "exactly one of url or service is required"); break;
        }
    }

    private static void Url(string text, string path, FieldErrors errors)
    {
        const string form = "; desired format: https://host[/path]";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            errors.Required(path, $"url must be a valid URL: {text}{form}");
            return;
        }

        errors.Check(path, url.Scheme, url.Scheme == Uri.UriSchemeHttps ? null : $"'https' is the only allowed URL scheme{form}");
        errors.Check(path, url.Host, url.Host.Length > 0 ? null : $"host must be specified{form}");
        errors.Check(path, url.UserInfo, url.UserInfo.Length == 0 ? null : "user information is not permitted in the URL");
        errors.Check(path, url.Fragment.TrimStart('#'), url.Fragment.Length == 0 ? null : "fragments are not permitted in the URL");
        errors.Check(path, url.Query.TrimStart('?'), url.Query.Length == 0 ? null : "query parameters are not permitted in the URL");
    }

    private static void Service(JsonObject service, string path, FieldErrors errors)
    {
        if (!service.Has("name"))
        {
            errors.Required($"{path}.name", "service name is required");
        }

        if (!service.Has("namespace"))
        {
            errors.Required($"{path}.namespace", "service namespace is required");
        }

        if (service.Number("port") is (< 1 or > 65535) and var port)
        {
            errors.Invalid($"{path}.port", port, "port is not valid: must be between 1 and 65535, inclusive");
        }

        if (service.Text("path") is { Length: > 0 } text && text[0] != '/')
        {
            errors.Invalid($"{path}.path", text, "must start with a '/'");
        }
    }

    public static void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["operations", "apiGroups", "apiVersions", "resources"])
        {
            if (rule.List(field) is not { Count: > 0 })
            {
                errors.Required($"{path}.{field}");
            }
        }

        var index = 0;
        foreach (var operation in rule.Texts("operations"))
        {
            if (operation is not ("*" or "CREATE" or "UPDATE" or "DELETE" or "CONNECT"))
            {
                errors.NotSupported($"{path}.operations[{index}]", operation, ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]);
            }

            index++;
        }

        Rules.OneOf(rule, "scope", path, errors, "*", "Cluster", "Namespaced");
    }
}
