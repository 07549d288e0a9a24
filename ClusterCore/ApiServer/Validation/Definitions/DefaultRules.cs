using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>Defaults are what their own schema takes, and bring no members that would be pruned at once.</summary>
internal static class DefaultRules
{
    public static IReadOnlyList<FieldError> Check(JsonObject schema, string path)
    {
        var errors = new FieldErrors();
        Walk(schema, path, static value => value, isInMetadata: false, isRoot: true, errors);
        return errors.List;
    }

    /// <param name="surround">Builds the nearest object with metadata around a default within its metadata.</param>
    private static void Walk(JsonObject schema, string path, Func<JsonNode?, JsonNode?> surround, bool isInMetadata, bool isRoot, FieldErrors errors)
    {
        var isResource = isRoot || schema.Flag("x-kubernetes-embedded-resource") == true;
        if (isResource) { (isInMetadata, surround) = (false, static value => value); }
        if (schema["default"] is { } value)
        {
            foreach (var error in isInMetadata ? InMetadata(schema, value, surround, $"{path}.default") : Plain(schema, value, $"{path}.default")) { errors.Add(error); }
        }

        // Within additionalProperties there are no defaults that count.
        if (schema.Object("items") is { } item) { Walk(item, $"{path}.items", inner => surround(new JsonArray(inner?.DeepClone())), isInMetadata, false, errors); }
        foreach (var (name, property) in schema.Object("properties") ?? [])
        {
            if (property is not JsonObject typed) { continue; }
            var entersMetadata = isResource && name is "metadata" or "apiVersion" or "kind";
            Walk(typed, $"{path}.properties[{name}]", inner => surround(new JsonObject { [name] = inner?.DeepClone() }), isInMetadata || entersMetadata, false, errors);
        }
    }

    private static IEnumerable<FieldError> Plain(JsonObject schema, JsonNode value, string path)
    {
        var pruned = value.DeepClone();
        SchemaPruning.ApplyTo(schema, pruned);
        var embedded = EmbeddedResources.Validate(schema, value, path);
        return
        [
            .. JsonNode.DeepEquals(pruned, value) ? [] : (FieldError[])[FieldError.Invalid(path, value, "must not have unknown fields")],
            .. embedded.Count > 0 ? embedded : SchemaValidation.Validate(schema, value, path),
        ];
    }

    private static IReadOnlyList<FieldError> InMetadata(JsonObject schema, JsonNode value, Func<JsonNode?, JsonNode?> surround, string path)
    {
        if (surround(value) is JsonObject obj)
        {
            if (!obj.ContainsKey("apiVersion")) { obj["apiVersion"] = "validation/v1"; }
            if (!obj.ContainsKey("kind")) { obj["kind"] = "Validation"; }
            var wrong = EmbeddedResources.ValidateOne(obj);
            if (wrong.Count > 0)
            {
                var texts = string.Join(", ", wrong.Select(static error => error.ToString()));
                return [FieldError.Invalid(path, value, $"must result in valid metadata: {(wrong.Count == 1 ? texts : $"[{texts}]")}")];
            }
        }

        return SchemaValidation.Validate(schema, value, path);
    }
}
