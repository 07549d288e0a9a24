using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

internal static class IngressValidation
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private static readonly string[] PathTypes = ["Exact", "ImplementationSpecific", "Prefix"];

    public static void Create(JsonObject ingress, FieldErrors errors)
    {
        Ingress(ingress, errors);
        if (ingress.Metadata()?.Object("annotations")?.Text(ClassAnnotation) is { } old && ingress.Spec()?.Text("ingressClassName") is { } name && old != name)
        {
            errors.Invalid($"annotations.{ClassAnnotation}", old, "must match `ingressClassName` when both are specified");
        }
    }

    public static void Update(JsonObject ingress, JsonObject old, FieldErrors errors) => Ingress(ingress, errors);

    private static void Ingress(JsonObject ingress, FieldErrors errors)
    {
        var spec = ingress.Spec() ?? [];
        var rules = spec.Items("rules").ToList();
        if (spec.Object("defaultBackend") is { } backend)
        {
            Backend(backend, "spec.defaultBackend", errors);
        }
        else if (rules.Count == 0)
        {
            errors.Invalid("spec", spec["rules"], "either `defaultBackend` or `rules` must be specified");
        }

        for (var i = 0; i < rules.Count; i++)
        {
            Rule(rules[i], $"spec.rules[{i}]", errors);
        }

        var index = 0;
        foreach (var tls in spec.Items("tls"))
        {
            var at = $"spec.tls[{index++}]";
            var hostIndex = 0;
            foreach (var host in tls.Texts("hosts"))
            {
                errors.Check($"{at}.hosts[{hostIndex++}]", host, Host(host));
            }

            Rules.Optional(tls, "secretName", at, errors, ObjectNames.Dns1123Subdomain);
        }

        Rules.Given(spec, "ingressClassName", "spec", errors, ObjectNames.Dns1123Subdomain);
    }

    private static IReadOnlyList<string> Host(string host) =>
        host.Contains('*') ? ObjectNames.WildcardDns1123Subdomain(host) : ObjectNames.Dns1123Subdomain(host);

    private static void Rule(JsonObject rule, string path, FieldErrors errors)
    {
        if (rule.Text("host") is { Length: > 0 } host)
        {
            if (AddressRules.IsIp(host))
            {
                errors.Invalid($"{path}.host", host, "must be a DNS name, not an IP address");
            }

            errors.Check($"{path}.host", host, Host(host));
        }

        if (rule.Object("http") is not { } http)
        {
            return;
        }

        if (http.List("paths") is not { Count: > 0 })
        {
            errors.Required($"{path}.http.paths");
        }

        var index = 0;
        foreach (var entry in http.Items("paths"))
        {
            HttpPath(entry, $"{path}.http.paths[{index++}]", errors);
        }
    }

    private static void HttpPath(JsonObject entry, string path, FieldErrors errors)
    {
        var text = entry.Text("path") ?? "";
        switch (entry.Text("pathType"))
        {
            case null:
                errors.Required($"{path}.pathType", "pathType must be specified");
                return;
            case "Exact" or "Prefix":
                if (!text.StartsWith('/'))
                {
                    errors.Invalid($"{path}.path", text, "must be an absolute path");
                }

                foreach (var part in ((ReadOnlySpan<string>)["//", "/./", "/../", "%2f", "%2F"]).ToArray().Where(text.Contains))
                {
                    errors.Invalid($"{path}.path", text, $"must not contain '{part}'");
                }

                foreach (var end in ((ReadOnlySpan<string>)["/..", "/."]).ToArray().Where(text.EndsWith))
                {
                    errors.Invalid($"{path}.path", text, $"cannot end with '{end}'");
                }

                break;
            case "ImplementationSpecific":
                if (text.Length > 0 && text[0] != '/')
                {
                    errors.Invalid($"{path}.path", text, "must be an absolute path");
                }

                break;
            case var unknown:
                errors.NotSupported($"{path}.pathType", unknown, PathTypes);
                break;
        }

        Backend(entry.Object("backend") ?? [], $"{path}.backend", errors);
    }

    private static void Backend(JsonObject backend, string path, FieldErrors errors)
    {
        var (service, resource) = (backend.Object("service"), backend.Object("resource"));
        if (service is not null && resource is not null)
        {
            errors.Invalid(path, "", "cannot set both resource and service backends");
        }
        else if (resource is not null)
        {
            Reference(resource, $"{path}.resource", errors);
        }
        else if (service is null)
        {
            errors.Invalid(path, "", "resource or service backend is required");
        }
        else
        {
            Service(service, path, errors);
        }
    }

    /// <summary>An object of any kind, by group, kind and name.</summary>
    public static void Reference(JsonObject reference, string path, FieldErrors errors)
    {
        Rules.Given(reference, "apiGroup", path, errors, ObjectNames.Dns1123Subdomain);
        Rules.Required(reference, "kind", path, errors, ObjectNames.PathSegment);
        Rules.Required(reference, "name", path, errors, ObjectNames.PathSegment);
    }

    private static void Service(JsonObject service, string path, FieldErrors errors)
    {
        Rules.Required(service, "name", $"{path}.service", errors, ObjectNames.Dns1123Label);
        var port = service.Object("port") ?? [];
        var (hasName, number) = (port.Has("name"), port.Number("number") ?? 0);
        if (hasName && number != 0)
        {
            errors.Invalid(path, "", "cannot set both port name & port number");
        }
        else if (hasName)
        {
            errors.Check($"{path}.service.port.name", port.Text("name"), ObjectNames.PortName(port.Text("name")!));
        }
        else if (number == 0)
        {
            errors.Required(path, "port name or number is required");
        }
        else
        {
            errors.Check($"{path}.service.port.number", number, Rules.PortNumber(number));
        }
    }
}
