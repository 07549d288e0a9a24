using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Validation.Definitions;

/// <summary>What field selectors of custom objects may name: few scalars, each of which the schema knows.</summary>
internal static class SelectableFieldValidation
{
    private const int Most = 8;

    public static void Check(JsonObject version, JsonObject? old, string path, FieldErrors errors)
    {
        if (version.List("selectableFields") is not { Count: > 0 } || version.Object("schema")?.Object("openAPIV3Schema") is not { } schema) { return; }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, field) in version.Items("selectableFields").Index())
        {
            var at = $"{path}.selectableFields[{index}].jsonPath";
            if (field.Text("jsonPath") is not { Length: > 0 } text)
            {
                errors.Required(at);
                continue;
            }

            var (target, wrong) = Find(schema, text);
            if (wrong is not null)
            {
                errors.Invalid(at, text, $"is an invalid path: {wrong}");
                continue;
            }

            if (text.Split('.')[1] == "metadata") { errors.Invalid(at, text, "must not point to fields in metadata"); }
            if (target?.Text("type") is not ("string" or "boolean" or "integer"))
            {
                errors.Invalid(at, text, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }

            if (!seen.Add(text)) { errors.Duplicate(at, text); }
        }

        if (seen.Count > Most && !JsonNode.DeepEquals(version["selectableFields"], old?["selectableFields"]))
        {
            errors.Add(FieldError.TooMany($"{path}.selectableFields", seen.Count, Most));
        }
    }

    /// <summary>The schema a path leads to: members only, no items of lists.</summary>
    private static (JsonObject? Schema, string? Wrong) Find(JsonObject schema, string path)
    {
        if (path[0] != '.') { return path[0] == '[' ? (null, "array notation is not allowed") : (null, $"expected [ or . but got: {path.Split('.', '[', ']')[0]}"); }
        var at = schema;
        foreach (var step in path[1..].Split('.'))
        {
            var bracket = step.IndexOf('[');
            var name = bracket < 0 ? step : step[..bracket];
            if (name.Length == 0) { return (null, bracket < 0 ? "unexpected end of JSON path" : "array notation is not allowed"); }
            if ((at.Object("properties")?.Object(name) ?? (at.Object("properties") is null ? at.Object("additionalProperties") : null)) is not { } next)
            {
                return (null, "does not refer to a valid field");
            }

            if (bracket >= 0) { return (null, "array notation is not allowed"); }
            at = next;
        }

        return (at, null);
    }
}
