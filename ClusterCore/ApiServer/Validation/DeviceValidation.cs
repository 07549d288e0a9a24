using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation;

/// <summary>Claims of devices, templates of claims and classes of devices. Expressions are measured, not compiled: nothing here evaluates CEL.</summary>
internal static class DeviceValidation
{
    private const int Most = 32;
    private const int MostAlternatives = 8;
    private const int LongestExpression = 10 * 1024;
    private const int MostParameterBytes = 10 * 1024;
    private const string OneKind = "exactly one of `exactly` or `firstAvailable` is required";
    private const string NameOfRequest = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

    public static void Claim(JsonObject claim, FieldErrors errors) => ClaimSpec(claim.Spec() ?? [], "spec", errors);

    public static void ClaimTemplate(JsonObject template, FieldErrors errors)
    {
        var spec = template.Spec() ?? [];
        MetadataValidation.OfTemplate(spec.Metadata() ?? [], "spec.metadata", errors);
        ClaimSpec(spec.Object("spec") ?? [], "spec.spec", errors);
    }

    public static void SpecUnchanged(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj["spec"], old["spec"]))
        {
            errors.Invalid("spec", obj["spec"], Rules.Immutable);
        }
    }

    public static void DeviceClass(JsonObject deviceClass, FieldErrors errors)
    {
        var spec = deviceClass.Spec() ?? [];
        Selectors(spec, "spec", errors);
        Sets.Each(spec, "config", Most, "spec", errors, Configuration);
        if (spec.Text("extendedResourceName") is { } name && !IsExtended(name))
        {
            errors.Invalid("spec.extendedResourceName", name, "must be a valid extended resource name");
        }
    }

    /// <summary>Whether a text names a request of the claim: a request, or one of its alternatives behind a slash.</summary>
    public static void RequestReference(string name, JsonObject claimSpec, string path, FieldErrors errors)
    {
        var parts = name.Split('/');
        if (parts.Length > 2)
        {
            errors.Invalid(path, name, NameOfRequest);
            return;
        }

        foreach (var part in parts)
        {
            errors.Check(path, part, ObjectNames.Dns1123Label(part));
        }

        if (!IsRequest(parts, claimSpec.Object("devices") ?? []))
        {
            errors.Invalid(path, name, NameOfRequest);
        }
    }

    public static void Configuration(JsonObject config, string path, FieldErrors errors)
    {
        if (config.Object("opaque") is not { } opaque)
        {
            errors.Required($"{path}.opaque");
            return;
        }

        DriverNames.Driver(opaque.Text("driver"), $"{path}.opaque.driver", errors);
        JsonDocument(opaque["parameters"], MostParameterBytes, $"{path}.opaque.parameters", errors);
    }

    /// <summary>Whatever a driver likes to say, as long as it is an object and not too long.</summary>
    public static void JsonDocument(JsonNode? document, int most, string path, FieldErrors errors)
    {
        if (document is null)
        {
            errors.Required(path);
        }
        else if (JsonCodec.Encode(new JsonObject { ["x"] = document.DeepClone() }).Length - "{\"x\":}".Length > most)
        {
            errors.Add(FieldError.TooLong(path, most));
        }
        else if (document is not JsonObject)
        {
            errors.Invalid(path, "<value omitted>", "must be a valid JSON object");
        }
    }

    public static void Toleration(JsonObject toleration, string path, FieldErrors errors)
    {
        Rules.Optional(toleration, "key", path, errors, ObjectNames.QualifiedName);
        var value = toleration.Text("value") ?? "";
        switch (toleration.Text("operator"))
        {
            case "Exists" when value.Length > 0:
                errors.Invalid($"{path}.value", value, "must be empty for operator `Exists`");
                break;
            case "Equal":
                errors.Check($"{path}.value", value, ObjectNames.LabelValue(value));
                break;
            case null or "":
                errors.Required($"{path}.operator");
                break;
            case "Exists":
                break;
            case var unknown:
                errors.NotSupported($"{path}.operator", unknown, ["Equal", "Exists"]);
                break;
        }

        if (toleration.Has("effect"))
        {
            Rules.OneOf(toleration, "effect", path, errors, "NoExecute", "NoSchedule", "None");
        }
    }

    private static void ClaimSpec(JsonObject spec, string path, FieldErrors errors)
    {
        var devices = spec.Object("devices") ?? [];
        Sets.Unique(devices, "requests", Most, $"{path}.devices", errors, Request, static request => request.Text("name") ?? "");
        Sets.Each(devices, "constraints", Most, $"{path}.devices", errors, (constraint, at, found) => Constraint(constraint, spec, at, found));
        Sets.Each(devices, "config", Most, $"{path}.devices", errors, (config, at, found) =>
        {
            References(config, spec, at, found);
            Configuration(config, at, found);
        });
    }

    private static void Request(JsonObject request, string path, FieldErrors errors)
    {
        Label(request, path, errors);
        var alternatives = request.List("firstAvailable") is { Count: > 0 };
        switch (request.Object("exactly"))
        {
            case null when !alternatives:
                errors.Required(path, OneKind);
                break;
            case not null when alternatives:
                errors.Invalid(path, null, $"{OneKind}, but multiple fields are set");
                break;
            case { } exactly:
                Wanted(exactly, $"{path}.exactly", errors);
                break;
            default:
                Sets.Unique(request, "firstAvailable", MostAlternatives, path, errors, Alternative, static one => one.Text("name") ?? "");
                break;
        }
    }

    private static void Alternative(JsonObject alternative, string path, FieldErrors errors)
    {
        Label(alternative, path, errors);
        Wanted(alternative, path, errors);
    }

    private static void Wanted(JsonObject request, string path, FieldErrors errors)
    {
        Rules.Required(request, "deviceClassName", path, errors, ObjectNames.Dns1123Subdomain);
        Selectors(request, path, errors);
        var count = request.Number("count") ?? 0;
        switch (request.Text("allocationMode"))
        {
            case "All" when count != 0:
                errors.Invalid($"{path}.count", count, "must not be specified when allocationMode is 'All'");
                break;
            case "ExactCount" when count <= 0:
                errors.Invalid($"{path}.count", count, "must be greater than zero");
                break;
            case "All" or "ExactCount":
                break;
            case var unknown:
                errors.NotSupported($"{path}.allocationMode", unknown ?? "", ["All", "ExactCount"]);
                break;
        }

        Sets.Each(request, "tolerations", int.MaxValue, path, errors, Toleration);
    }

    private static void Selectors(JsonObject holder, string path, FieldErrors errors) =>
        Sets.Each(holder, "selectors", Most, path, errors, static (selector, at, found) =>
        {
            if (selector.Object("cel") is not { } cel)
            {
                found.Required($"{at}.cel");
            }
            else if (cel.Text("expression") is { Length: > LongestExpression })
            {
                found.Add(FieldError.TooLong($"{at}.cel.expression", LongestExpression));
            }
        });

    private static void Constraint(JsonObject constraint, JsonObject claimSpec, string path, FieldErrors errors)
    {
        References(constraint, claimSpec, path, errors);
        if (constraint.Text("matchAttribute") is { } match)
        {
            DriverNames.FullyQualified(match, $"{path}.matchAttribute", errors);
        }
        else if (constraint.Text("distinctAttribute") is { } distinct)
        {
            DriverNames.FullyQualified(distinct, $"{path}.distinctAttribute", errors);
        }
        else
        {
            errors.Required(path, "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set");
        }
    }

    private static void References(JsonObject holder, JsonObject claimSpec, string path, FieldErrors errors) =>
        Sets.UniqueTexts(holder, "requests", Most, path, errors, (name, at, found) => RequestReference(name, claimSpec, at, found));

    private static void Label(JsonObject named, string path, FieldErrors errors)
    {
        var name = named.Text("name") ?? "";
        errors.Check($"{path}.name", name, ObjectNames.Dns1123Label(name));
    }

    private static bool IsRequest(string[] parts, JsonObject devices) => devices.Items("requests").Any(request =>
        request.Text("name") == parts[0]
        && (parts.Length == 1 || request.Items("firstAvailable").Any(alternative => alternative.Text("name") == parts[1])));

    private static bool IsExtended(string name) =>
        name.Contains('/') && !name.Contains("kubernetes.io/", StringComparison.Ordinal) && !name.StartsWith("requests.", StringComparison.Ordinal)
        && ObjectNames.QualifiedName("requests." + name).Count == 0;
}
