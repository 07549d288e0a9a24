using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>The schema of a version: what may be at its root, that it is structural, that its defaults fit, what its keywords may say.</summary>
internal static class VersionSchema
{
    private static readonly string[] notAtRoot =
    [
        "id", "$schema", "$ref", "nullable", "default", "enum",
        "maxProperties", "minProperties", "allOf", "oneOf", "anyOf", "not",
        "additionalProperties", "patternProperties", "dependencies",
        "additionalItems", "definitions", "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-map-type",
    ];

    private const string AllowedAtRoot =
        "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]";

    public static IReadOnlyList<FieldError> Check(JsonObject schema, bool hasStatus, string path)
    {
        var errors = new FieldErrors();
        if (hasStatus) { Root(schema, path, errors); }
        if (schema.Flag("nullable") == true) { errors.Forbidden($"{path}.nullable", "nullable cannot be true at the root"); }
        var unsupported = StructuralRules.Unsupported(schema);
        if (unsupported is null)
        {
            var structural = StructuralRules.Check(schema, path);
            foreach (var error in structural.Count > 0 ? structural : DefaultRules.Check(schema, path)) { errors.Add(error); }
        }

        SchemaKeywords.Check(schema, path, errors);
        // The keywords' own errors say it better where there are any.
        if (unsupported is not null && !errors.Any) { errors.Invalid(path, "", unsupported); }
        return errors.List;
    }

    /// <summary>Status is validated by <c>properties.status</c> alone: what else would hold for the whole object would be lost.</summary>
    private static void Root(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.Has("type") && schema.Text("type") != "object")
        {
            errors.Invalid($"{path}.type", schema.Text("type"), "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled");
        }
        else if (notAtRoot.Any(schema.ContainsKey))
        {
            errors.Invalid(path, schema, $"only {AllowedAtRoot} fields are allowed at the root of the schema if the status subresource is enabled");
        }
    }
}
