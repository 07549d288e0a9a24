using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.CustomResources;
using Flotilla.ClusterCore.ApiServer.Validation.Definitions;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Warnings;

/// <summary>
/// Tells whoever defines a resource what of its schema does not hold: formats that nobody knows, and rules in CEL, which nothing
/// evaluates here yet. Refusing the definition instead would keep out most operators, whose rules only repeat what they check
/// themselves.
/// </summary>
internal sealed class DefinitionWarnings : IAdmissionPlugin
{
    private const string Rules = "x-kubernetes-validations";

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (!request.Is("apiextensions.k8s.io", "CustomResourceDefinition") || request.Operation is not (Operation.Create or Operation.Update)
            || request.Subresource.Length > 0 || request.Object is not { } definition)
        {
            return ValueTask.CompletedTask;
        }

        foreach (var (index, schema) in Schemas(definition).Index())
        {
            if (All(schema).Any(static part => part[Rules] is JsonArray)) { request.Scope.Request.Warn($"spec.versions[{index}].schema: {Rules} are kept, but this server does not evaluate them"); }
        }

        var before = request.Old is { } old ? UnknownFormats(old) : [];
        foreach (var format in UnknownFormats(definition).Except(before, StringComparer.Ordinal)) { request.Scope.Request.Warn($"unrecognized format {FieldError.Quote(format)}"); }
        return ValueTask.CompletedTask;
    }

    private static IEnumerable<string> UnknownFormats(JsonObject definition) =>
        from schema in Schemas(definition)
        from part in All(schema)
        where part.Has("format") && !StringFormats.IsKnown(part.Text("type") ?? "", part.Text("format")!)
        select part.Text("format");

    private static IEnumerable<JsonObject> Schemas(JsonObject definition) =>
        (definition.Spec() ?? []).Items("versions").Select(static version => version.Object("schema")?.Object("openAPIV3Schema") ?? []);

    private static IEnumerable<JsonObject> All(JsonObject schema) => SchemaKeywords.Inner(schema, "").SelectMany(static inner => All(inner.Schema)).Prepend(schema);
}
