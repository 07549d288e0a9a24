using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

/// <summary>A definition's own schema as a component, with the metadata every object has.</summary>
internal static class CustomSchemas
{
    public const string Metadata = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    public static void Add(JsonObject schemas, CustomResource custom, string prefix = Definitions.V3Prefix)
    {
        var schema = custom.Schema.DeepClone().AsObject();
        schema["type"] = "object";
        if (schema["properties"] is not JsonObject properties) { schema["properties"] = properties = []; }
        properties["apiVersion"] = new JsonObject { ["type"] = "string" };
        properties["kind"] = new JsonObject { ["type"] = "string" };
        properties["metadata"] = new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = prefix + Metadata }) };
        schema["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject
        {
            ["group"] = custom.Info.Group,
            ["version"] = custom.Info.Version,
            ["kind"] = custom.Info.Kind,
        });
        schemas[NameOf(custom)] = schema;
    }

    /// <summary>com.example.stable.v1.CronTab for stable.example.com.</summary>
    private static string NameOf(CustomResource custom) =>
        string.Join('.', [.. custom.Info.Group.Split('.').Reverse(), custom.Info.Version, custom.Info.Kind]);
}
