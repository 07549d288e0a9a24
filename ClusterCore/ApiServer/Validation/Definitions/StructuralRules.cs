using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>
/// Whether a schema is structural: every value has one type outside of <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c> and <c>not</c>, which
/// may only narrow what is there. That is what lets a server prune and default objects.
/// </summary>
internal static class StructuralRules
{
    private enum Level { Root, Item, Field }

    /// <summary>What cannot be said structurally, at whatever depth; null when there is nothing of the kind.</summary>
    public static string? Unsupported(JsonObject schema)
    {
        foreach (var (member, name) in (ReadOnlySpan<(string, string)>)[("id", "id"), ("$schema", "schema"), ("$ref", "$ref"), ("patternProperties", "patternProperties"),
            ("dependencies", "dependencies"), ("additionalItems", "additionalItems"), ("definitions", "definitions")])
        {
            if (schema.Has(member)) { return $"OpenAPIV3Schema '{name}' is not supported"; }
        }

        if (schema["items"] is JsonArray) { return "OpenAPIV3Schema 'items' must be a schema, but is an array"; }
        if (schema.Flag("x-kubernetes-preserve-unknown-fields") == false) { return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"; }
        return SchemaKeywords.Inner(schema, "").Select(static inner => Unsupported(inner.Schema)).FirstOrDefault(static wrong => wrong is not null);
    }

    /// <summary>What is wrong, in the order of its text: upstream walks maps that have none.</summary>
    public static IReadOnlyList<FieldError> Check(JsonObject schema, string path)
    {
        var errors = new FieldErrors();
        Invariants(schema, Level.Root, path, errors);
        Complete(schema, schema, path, path, errors);
        return [.. errors.List.OrderBy(static error => error.ToString(), StringComparer.Ordinal)];
    }

    private static void Invariants(JsonObject schema, Level level, string path, FieldErrors errors)
    {
        if (schema.Text("type") == "array" && schema["items"] is null) { errors.Required($"{path}.items", "must be specified"); }
        if (schema.Object("items") is { } item) { Invariants(item, Level.Item, $"{path}.items", errors); }
        foreach (var (name, property) in Properties(schema)) { Invariants(property, Level.Field, $"{path}.properties[{name}]", errors); }
        if (level == Level.Root && schema["additionalProperties"] is not null) { errors.Forbidden($"{path}.additionalProperties", "must not be used at the root"); }
        if (schema.Object("additionalProperties") is { } values) { Invariants(values, Level.Field, $"{path}.additionalProperties", errors); }
        Extensions(schema, path, errors);
        Narrowing(schema, IsIntOrString(schema), IsIntOrString(schema.Items("allOf").FirstOrDefault()), path, errors);
        Type(schema, level, path, errors);
        Metadata(schema, level, path, errors);
    }

    private static void Extensions(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.Flag("x-kubernetes-int-or-string") != true) { return; }
        if (Preserves(schema)) { errors.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", true, "must be false if x-kubernetes-int-or-string is true"); }
        if (IsEmbedded(schema)) { errors.Invalid($"{path}.x-kubernetes-embedded-resource", true, "must be false if x-kubernetes-int-or-string is true"); }
    }

    private static void Type(JsonObject schema, Level level, string path, FieldErrors errors)
    {
        var type = schema.Text("type") ?? "";
        if (IsEmbedded(schema) && type != "object")
        {
            const string must = "must be object if x-kubernetes-embedded-resource is true";
            errors.Add(type.Length == 0 ? FieldError.Required($"{path}.type", must) : FieldError.Invalid($"{path}.type", type, must));
        }
        else if (type.Length == 0 && schema.Flag("x-kubernetes-int-or-string") != true && !Preserves(schema))
        {
            errors.Required($"{path}.type", level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            });
        }

        if (IsEmbedded(schema) && schema["additionalProperties"] is not null) { errors.Forbidden($"{path}.additionalProperties", "must not be used if x-kubernetes-embedded-resource is set"); }
        if (level == Level.Root && type.Length > 0 && type != "object") { errors.Invalid($"{path}.type", type, "must be object at the root"); }
    }

    private static void Metadata(JsonObject schema, Level level, string path, FieldErrors errors)
    {
        var properties = schema.Object("properties");
        if (level == Level.Root || IsEmbedded(schema))
        {
            foreach (var name in (ReadOnlySpan<string>)["kind", "apiVersion"])
            {
                if (properties?.Object(name) is { } text && text.Text("type") != "string") { errors.Invalid($"{path}.properties[{name}].type", text.Text("type") ?? "", "must be string"); }
            }

            if (properties?.Object("metadata") is { } metadata && metadata.Text("type") != "object") { errors.Invalid($"{path}.properties[metadata].type", metadata.Text("type") ?? "", "must be object"); }
        }

        if (level == Level.Root && properties?.Object("metadata") is { } own && SaysMore(own))
        {
            errors.Forbidden($"{path}.properties[metadata]", "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }

        if (IsEmbedded(schema) && !Preserves(schema) && properties is not { Count: > 0 })
        {
            errors.Required($"{path}.properties", "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields");
        }
    }

    /// <summary>A default is another rule's matter.</summary>
    private static bool SaysMore(JsonObject metadata) =>
        metadata.Any(static member => member.Key is not ("type" or "default" or "properties")) || Properties(metadata).Any(static property => property.Name is not ("name" or "generateName"));

    private static void Narrowing(JsonObject schema, bool skipAnyOf, bool skipFirstOfAllOf, string path, FieldErrors errors)
    {
        foreach (var (index, part) in schema.Items("anyOf").Index())
        {
            if (!skipAnyOf) { Nested(part, false, $"{path}.anyOf[{index}]", errors); }
        }

        foreach (var (index, part) in schema.Items("allOf").Index()) { Nested(part, skipFirstOfAllOf && index == 0, $"{path}.allOf[{index}]", errors); }
        foreach (var (index, part) in schema.Items("oneOf").Index()) { Nested(part, false, $"{path}.oneOf[{index}]", errors); }
        if (schema.Object("not") is { } not) { Nested(not, false, $"{path}.not", errors); }
        if (schema.Text("pattern") is { Length: > 0 } pattern && GoPattern.Wrong(pattern) is { } wrong)
        {
            // Also one that cannot be matched in linear time: kept, it would refuse every object.
            errors.Invalid($"{path}.pattern", pattern, $"must be a valid regular expression, but isn't: {wrong}");
        }
    }

    private static void Nested(JsonObject schema, bool skipAnyOf, string path, FieldErrors errors)
    {
        Narrowing(schema, skipAnyOf, false, path, errors);
        if (schema.Object("items") is { } item) { Nested(item, false, $"{path}.items", errors); }
        foreach (var (name, property) in Properties(schema)) { Nested(property, false, $"{path}.properties[{name}]", errors); }
        NotHere(schema.Has("type"), "type", "must be empty to be structural");
        NotHere(schema["additionalProperties"] is JsonObject || schema.Flag("additionalProperties") == true, "additionalProperties", "must be undefined to be structural");
        NotHere(schema["default"] is not null, "default", "must be undefined to be structural");
        NotHere(schema.Has("title"), "title", "must be empty to be structural");
        NotHere(schema.Has("description"), "description", "must be empty to be structural");
        NotHere(schema.Flag("nullable") == true, "nullable", "must be false to be structural");
        NotHere(Preserves(schema), "x-kubernetes-preserve-unknown-fields", "must be false to be structural");
        NotHere(IsEmbedded(schema), "x-kubernetes-embedded-resource", "must be false to be structural");
        NotHere(schema.Flag("x-kubernetes-int-or-string") == true, "x-kubernetes-int-or-string", "must be false to be structural");
        NotHere(schema.List("x-kubernetes-list-map-keys") is { Count: > 0 }, "x-kubernetes-list-map-keys", "must be empty to be structural");
        NotHere(schema["x-kubernetes-list-type"] is not null, "x-kubernetes-list-type", "must be undefined to be structural");
        NotHere(schema["x-kubernetes-map-type"] is not null, "x-kubernetes-map-type", "must be undefined to be structural");
        NotHere(schema.List("x-kubernetes-validations") is { Count: > 0 }, "x-kubernetes-validations", "must be empty to be structural");
        NotHere(schema.Object("properties")?.ContainsKey("metadata") == true, "properties[metadata]", "must not be specified in a nested context");

        void NotHere(bool isHere, string member, string detail)
        {
            if (isHere) { errors.Forbidden($"{path}.{member}", detail); }
        }
    }

    /// <summary>What a part of the whole object narrows must be there outside of it; parts of members upstream does not look into.</summary>
    /// <param name="part">A schema or a part of it, at <paramref name="path"/>.</param>
    /// <param name="structure">What it narrows, at <paramref name="place"/>.</param>
    private static void Complete(JsonObject part, JsonObject structure, string place, string path, FieldErrors errors)
    {
        if (part.Object("not") is { } not) { Covered(not, structure, place, $"{path}.not", errors); }
        foreach (var name in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            foreach (var (index, inner) in part.Items(name).Index()) { Covered(inner, structure, place, $"{path}.{name}[{index}]", errors); }
        }
    }

    private static void Covered(JsonObject part, JsonObject? structure, string place, string path, FieldErrors errors)
    {
        if (structure is null)
        {
            errors.Required(place, $"because it is defined in {path}");
            return;
        }

        Complete(part, structure, place, path, errors);
        if (part.Object("items") is { } item) { Covered(item, structure.Object("items"), $"{place}.items", $"{path}.items", errors); }
        foreach (var (name, property) in Properties(part))
        {
            Covered(property, structure.Object("properties")?.Object(name), $"{place}.properties[{name}]", $"{path}.properties[{name}]", errors);
        }
    }

    /// <summary>The one <c>anyOf</c> that may name types: an integer or a string.</summary>
    private static bool IsIntOrString(JsonObject? schema) =>
        schema?.List("anyOf") is [JsonObject { Count: 1 } first, JsonObject { Count: 1 } second] && first.Text("type") == "integer" && second.Text("type") == "string";

    private static IEnumerable<(string Name, JsonObject Schema)> Properties(JsonObject schema) =>
        (schema.Object("properties") ?? []).Where(static property => property.Value is JsonObject).Select(static property => (property.Key, property.Value!.AsObject()));

    private static bool IsEmbedded(JsonObject schema) => schema.Flag("x-kubernetes-embedded-resource") == true;

    private static bool Preserves(JsonObject schema) => schema.Flag("x-kubernetes-preserve-unknown-fields") == true;
}
