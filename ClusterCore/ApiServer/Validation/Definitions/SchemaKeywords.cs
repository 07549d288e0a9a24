using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>What the keywords of a schema may say, structural or not.</summary>
internal static class SchemaKeywords
{
    private static readonly string[] types = ["array", "boolean", "integer", "number", "object", "string"];

    /// <param name="InMetadata">Within the metadata of the object or of an embedded one.</param>
    /// <param name="NoDefaults">Why there may be no defaults; null where there may.</param>
    private readonly record struct Place(bool InMetadata, string? NoDefaults);

    public static void Check(JsonObject schema, string path, FieldErrors errors) => Check(schema, path, isRoot: true, default, errors);

    /// <summary>Every schema directly within a schema.</summary>
    public static IEnumerable<(JsonObject Schema, string Path)> Inner(JsonObject schema, string path)
    {
        foreach (var name in (string[])["additionalProperties", "not", "items"])
        {
            if (schema.Object(name) is { } inner) { yield return (inner, $"{path}.{name}"); }
        }

        foreach (var name in (string[])["properties", "patternProperties", "definitions", "dependencies"])
        {
            foreach (var (key, inner) in schema.Object(name) ?? [])
            {
                if (inner is JsonObject child) { yield return (child, $"{path}.{name}[{key}]"); }
            }
        }

        foreach (var name in (string[])["allOf", "oneOf", "anyOf", "items"])
        {
            foreach (var (index, inner) in schema.Items(name).Index()) { yield return (inner, $"{path}.{name}[{index}]"); }
        }
    }

    private static void Check(JsonObject schema, string path, bool isRoot, Place place, FieldErrors errors)
    {
        Standard(schema, path, place, errors);
        if (schema.Flag("uniqueItems") == true) { errors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"); }
        if (schema.Object("properties") is { Count: > 0 } && (schema["additionalProperties"] is JsonObject || schema.Flag("additionalProperties") == false))
        {
            errors.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }

        foreach (var (inner, at) in Inner(schema, path)) { Check(inner, at, isRoot: false, PlaceOf(at[path.Length..], schema, isRoot, place), errors); }
        if (schema.Flag("x-kubernetes-preserve-unknown-fields") == false) { errors.Invalid($"{path}.x-kubernetes-preserve-unknown-fields", false, "must be true or undefined"); }
        Maps(schema, path, errors);
        Lists(schema, path, errors);
        ListKeys(schema, path, errors);
        Rules(schema, path, errors);
    }

    private static Place PlaceOf(string step, JsonObject schema, bool isRoot, Place place)
    {
        if (step == ".additionalProperties" && place.InMetadata) { return place with { NoDefaults = "inside additionalProperties applying to object metadata" }; }
        if (step is not (".properties[metadata]" or ".properties[kind]" or ".properties[apiVersion]")) { return place; }
        if (isRoot) { return new(true, $"in top-level {step[".properties[".Length..^1]}"); }
        return schema.Flag("x-kubernetes-embedded-resource") == true ? place with { InMetadata = true } : place;
    }

    private static void Standard(JsonObject schema, string path, Place place, FieldErrors errors)
    {
        if (schema.Text("type") is { Length: > 0 } type && !types.Contains(type, StringComparer.Ordinal)) { errors.NotSupported($"{path}.type", type, types); }
        if (schema["default"] is not null && place.NoDefaults is { } reason) { errors.Forbidden($"{path}.default", $"must not be set {reason}"); }
        foreach (var member in (ReadOnlySpan<string>)["id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"])
        {
            if (schema.Has(member)) { errors.Forbidden($"{path}.{member}", $"{member} is not supported"); }
        }

        if (schema.Text("type") == "null") { errors.Forbidden($"{path}.type", "type cannot be set to null, use nullable as an alternative"); }
        if (schema.List("items") is { Count: > 0 }) { errors.Forbidden($"{path}.items", "items must be a schema object and not an array"); }
        if (place.InMetadata && schema.Flag("x-kubernetes-embedded-resource") == true) { errors.Forbidden($"{path}.x-kubernetes-embedded-resource", "must not be used inside of resource meta"); }
    }

    private static void Maps(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.Text("x-kubernetes-map-type") is not { } mapType) { return; }
        IsOf(schema, "object", "must be object if x-kubernetes-map-type is specified", path, errors);
        if (mapType is not ("atomic" or "granular")) { errors.NotSupported($"{path}.x-kubernetes-map-type", mapType, ["atomic", "granular"]); }
    }

    private static bool IsOf(JsonObject schema, string type, string must, string path, FieldErrors errors)
    {
        if (schema.Text("type") == type) { return true; }
        errors.Add(schema.Has("type") ? FieldError.Invalid($"{path}.type", schema.Text("type"), must) : FieldError.Required($"{path}.type", must));
        return false;
    }

    private static void Lists(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema.Text("x-kubernetes-list-type") is not { } listType) { return; }
        const string atomic = "must be atomic as item of a list with x-kubernetes-list-type=set";
        if (IsOf(schema, "array", "must be array if x-kubernetes-list-type is specified", path, errors) && listType == "set" && schema.Object("items") is { } item)
        {
            if (item.Text("type") == "array" && item.Text("x-kubernetes-list-type") is not (null or "atomic"))
            {
                errors.Invalid($"{path}.items.x-kubernetes-list-type", item.Text("x-kubernetes-list-type"), atomic);
            }
            else if (item.Text("type") == "object" && item.Text("x-kubernetes-map-type") != "atomic")
            {
                // Upstream shows the item's list type here, which objects have none of.
                errors.Invalid($"{path}.items.x-kubernetes-map-type", item.Text("x-kubernetes-list-type"), atomic);
            }
        }

        if (listType is not ("atomic" or "set" or "map")) { errors.NotSupported($"{path}.x-kubernetes-list-type", listType, ["atomic", "set", "map"]); }
    }

    private static void ListKeys(JsonObject schema, string path, FieldErrors errors)
    {
        var (listType, keys, item) = (schema.Text("x-kubernetes-list-type"), schema.Texts("x-kubernetes-list-map-keys").ToList(), schema.Object("items"));
        if (keys.Count > 0 && listType != "map")
        {
            const string must = "must be map if x-kubernetes-list-map-keys is non-empty";
            errors.Add(listType is null ? FieldError.Required($"{path}.x-kubernetes-list-type", must) : FieldError.Invalid($"{path}.x-kubernetes-list-type", listType, must));
        }

        if (listType == "map")
        {
            if (keys.Count == 0) { errors.Required($"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"); }
            if (schema["items"] is null) { errors.Required($"{path}.items", "must have a schema if x-kubernetes-list-type is map"); }
            if (schema["items"] is JsonArray several) { errors.Invalid($"{path}.items", several, "must only have a single schema if x-kubernetes-list-type is map"); }
            if (item is not null && item.Text("type") != "object") { errors.Invalid($"{path}.items.type", item.Text("type") ?? "", "must be object if parent array's x-kubernetes-list-type is map"); }
            if (item?.Text("type") == "object") { KeyProperties(schema, keys, item, path, errors); }
        }

        if (listType is "map" or "set" && item is not null)
        {
            if (item.Flag("nullable") == true) { errors.Forbidden($"{path}.items.nullable", $"cannot be nullable when x-kubernetes-list-type is {listType}"); }
            if (listType == "map") { KeysAreThere(keys, item, path, errors); }
        }
    }

    private static void KeyProperties(JsonObject schema, List<string> keys, JsonObject item, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (item.Object("properties")?.Object(key) is not { } property)
            {
                errors.Invalid($"{path}.x-kubernetes-list-map-keys", schema["x-kubernetes-list-map-keys"], "entries must all be names of item properties");
            }
            else if (property.Text("type") is "array" or "object")
            {
                errors.Invalid($"{path}.items.properties[{key}].type", "object", "must be a scalar type if parent array's x-kubernetes-list-type is map");
            }

            if (!seen.Add(key)) { errors.Invalid($"{path}.x-kubernetes-list-map-keys", schema["x-kubernetes-list-map-keys"], "must not contain duplicate entries"); }
        }
    }

    private static void KeysAreThere(List<string> keys, JsonObject item, string path, FieldErrors errors)
    {
        foreach (var key in keys)
        {
            if (item.Object("properties")?.Object(key) is not { } property) { continue; }
            var at = $"{path}.items.properties[{key}]";
            if (!item.Texts("required").Contains(key, StringComparer.Ordinal) && property["default"] is null)
            {
                errors.Required($"{at}.default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }

            if (property.Flag("nullable") == true) { errors.Forbidden($"{at}.nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"); }
        }
    }

    /// <summary>The shape of rules in CEL; what they say is not read here.</summary>
    private static void Rules(JsonObject schema, string path, FieldErrors errors)
    {
        foreach (var (index, rule) in schema.Items("x-kubernetes-validations").Index())
        {
            var at = $"{path}.x-kubernetes-validations[{index}]";
            var (text, message) = ((rule.Text("rule") ?? "").Trim(), (rule.Text("message") ?? "").Trim());
            if (text.Length == 0) { errors.Required($"{at}.rule", "rule is not specified"); }
            else if (rule.Has("message") && message.Length == 0) { errors.Invalid($"{at}.message", rule.Text("message"), "must be non-empty if specified"); }
            else if (HasLines(message)) { errors.Invalid($"{at}.message", rule.Text("message"), "must not contain line breaks"); }
            else if (HasLines(text) && message.Length == 0) { errors.Required($"{at}.message", "message must be specified if rule contains line breaks"); }

            if (rule.Has("messageExpression") && rule.Text("messageExpression")!.Trim().Length == 0) { errors.Required($"{at}.messageExpression", "messageExpression must be non-empty if specified"); }
            Validation.Rules.OneOf(rule, "reason", at, errors, "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");
            if (rule.Has("fieldPath") && rule.Text("fieldPath")!.Trim().Length == 0) { errors.Invalid($"{at}.fieldPath", rule.Text("fieldPath"), "must be non-empty if specified"); }
            if (HasLines(rule.Text("fieldPath") ?? "")) { errors.Invalid($"{at}.fieldPath", rule.Text("fieldPath"), "must not contain line breaks"); }
        }
    }

    private static bool HasLines(string text) => text.AsSpan().IndexOfAny('\n', '\r') >= 0;
}
