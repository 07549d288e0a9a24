using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

/// <summary>A definition's own schema as a component, with the metadata every object has.</summary>
internal static class CustomSchemas
{
    public const string Metadata = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>What version 2 cannot say.</summary>
    private static readonly string[] newer = ["allOf", "anyOf", "oneOf", "not", "nullable"];

    private static readonly string[] nested = ["items", "additionalProperties"];

    /// <summary>In version 2 as its readers, kubectl up to 1.26, understand it: they would refuse objects for what it cannot say.</summary>
    public static void AddV2(JsonObject schemas, CustomResource custom)
    {
        var schema = custom.Schema.DeepClone().AsObject();
        if (IsSet(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            // Named properties would be the only ones they let through.
            schemas[NameOf(custom)] = WithKind(new() { ["type"] = "object" }, custom);
            return;
        }

        Simplify(schema);
        Add(schemas, custom, schema, new() { ["$ref"] = Definitions.V2Prefix + Metadata });
    }

    public static void Add(JsonObject schemas, CustomResource custom) =>
        Add(schemas, custom, custom.Schema.DeepClone().AsObject(), new() { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = Definitions.V3Prefix + Metadata }) });

    private static void Add(JsonObject schemas, CustomResource custom, JsonObject schema, JsonObject metadata)
    {
        schema["type"] = "object";
        if (schema["properties"] is not JsonObject properties) { schema["properties"] = properties = []; }
        properties["apiVersion"] = new JsonObject { ["type"] = "string" };
        properties["kind"] = new JsonObject { ["type"] = "string" };
        properties["metadata"] = metadata;
        schemas[NameOf(custom)] = WithKind(schema, custom);
    }

    private static JsonObject WithKind(JsonObject schema, CustomResource custom)
    {
        schema["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject
        {
            ["group"] = custom.Info.Group,
            ["version"] = custom.Info.Version,
            ["kind"] = custom.Info.Kind,
        });
        return schema;
    }

    private static void Simplify(JsonObject schema)
    {
        var mayBeAnything = IsSet(schema, "nullable") || IsSet(schema, "x-kubernetes-preserve-unknown-fields") || IsSet(schema, "x-kubernetes-int-or-string");
        foreach (var name in newer) { schema.Remove(name); }
        if (mayBeAnything)
        {
            foreach (var name in (string[])["type", "properties", "required", .. nested]) { schema.Remove(name); }
        }

        foreach (var name in nested) { if (schema[name] is JsonObject child) { Simplify(child); } }
        foreach (var (_, child) in schema["properties"] as JsonObject ?? []) { if (child is JsonObject typed) { Simplify(typed); } }
    }

    private static bool IsSet(JsonObject schema, string name) => schema[name] is JsonValue value && value.TryGetValue(out bool set) && set;

    /// <summary>com.example.stable.v1.CronTab for stable.example.com.</summary>
    private static string NameOf(CustomResource custom) =>
        string.Join('.', [.. custom.Info.Group.Split('.').Reverse(), custom.Info.Version, custom.Info.Kind]);
}
