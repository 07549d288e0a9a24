using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.CustomResources;

/// <summary>What a definition asks of its objects beyond metadata: its schema, embedded objects, lists without doubles, what scale reads.</summary>
internal static class CustomObjectValidation
{
    public static IEnumerable<FieldError> Create(CustomResource custom, JsonObject obj) =>
    [
        .. SchemaValidation.Validate(custom.Schema, obj), .. ScaleSpec(custom, obj), .. ScaleStatus(custom, obj),
        .. EmbeddedResources.Validate(custom.Schema, obj), .. ListMembers.Validate(custom.Schema, obj),
    ];

    public static IEnumerable<FieldError> Update(CustomResource custom, JsonObject obj, JsonObject old, string subresource) =>
        subresource == "status" ? Status(custom, obj, old) :
        [
            .. SchemaValidation.Validate(custom.Schema, obj, old: old), .. ScaleSpec(custom, obj), .. ScaleStatus(custom, obj),
            .. EmbeddedResources.Validate(custom.Schema, obj), .. Lists(custom, obj, old),
        ];

    private static IEnumerable<FieldError> Status(CustomResource custom, JsonObject obj, JsonObject old)
    {
        var schema = custom.Schema.Object("properties")?.Object("status");
        return
        [
            .. schema is not null && obj.ContainsKey("status") ? SchemaValidation.Validate(schema, obj["status"], "status", old["status"]) : [],
            .. ScaleStatus(custom, obj), .. EmbeddedResources.Validate(custom.Schema, obj), .. Lists(custom, obj, old),
        ];
    }

    /// <summary>Who had doubles before the list was declared a set may keep them.</summary>
    private static IReadOnlyList<FieldError> Lists(CustomResource custom, JsonObject obj, JsonObject old) =>
        ListMembers.Validate(custom.Schema, obj) is { Count: > 0 } found && ListMembers.Validate(custom.Schema, old).Count == 0 ? found : [];

    private static IEnumerable<FieldError> ScaleSpec(CustomResource custom, JsonObject obj) =>
        custom.Scale is { } scale ? Replicas(obj, scale.Replicas) : [];

    private static IEnumerable<FieldError> ScaleStatus(CustomResource custom, JsonObject obj)
    {
        if (custom.Scale is not { } scale) { return []; }
        var errors = Replicas(obj, scale.StatusReplicas);
        if (scale.Selector.Length > 0 && Find(obj, scale.Selector) is { } selector && JsonText(selector) is null)
        {
            errors = errors.Append(FieldError.Invalid(scale.Selector, "", Accessor(scale.Selector, selector, "string")));
        }

        return errors;
    }

    private static IEnumerable<FieldError> Replicas(JsonObject obj, string path)
    {
        if (Find(obj, path) is not { } value) { return []; }
        if (!long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
        {
            return [FieldError.Invalid(path, 0, Accessor(path, value, "int64"))];
        }

        return count < 0 ? [FieldError.Invalid(path, count, "should be a non-negative integer")]
            : count > int.MaxValue ? [FieldError.Invalid(path, count, $"should be less than or equal to {int.MaxValue}")]
            : [];
    }

    /// <summary>Paths of scale are members, one in another: <c>.spec.replicas</c>.</summary>
    private static JsonNode? Find(JsonObject obj, string path) =>
        path.TrimStart('.').Split('.').Aggregate((JsonNode?)obj, static (node, name) => (node as JsonObject)?[name]);

    private static string Accessor(string path, JsonNode value, string wanted) =>
        $"{path} accessor error: {JsonText(value) ?? value.ToJsonString()} is of the type {TypeName(value)}, expected {wanted}";

    private static string TypeName(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.Number => long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? "int64" : "float64",
        _ => "bool",
    };

    private static string? JsonText(JsonNode value) => value is JsonValue scalar && scalar.TryGetValue(out string? text) ? text : null;
}
