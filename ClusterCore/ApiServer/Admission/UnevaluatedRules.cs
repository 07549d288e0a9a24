using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>
/// Tells whoever defines a resource with rules in CEL that they do not hold here yet. Refusing the definition instead would keep
/// out most operators, whose rules only repeat what they check themselves.
/// </summary>
internal sealed class UnevaluatedRules : IAdmissionPlugin
{
    private const string Rules = "x-kubernetes-validations";

    public ValueTask ValidateAsync(AdmissionRequest request)
    {
        if (!request.Is("apiextensions.k8s.io", "CustomResourceDefinition") || request.Operation is not (Operation.Create or Operation.Update)
            || request.Subresource.Length > 0 || request.Object?["spec"]?["versions"] is not JsonArray versions)
        {
            return ValueTask.CompletedTask;
        }
        foreach (var (index, version) in versions.Index())
        {
            if (Occur(version?["schema"])) { request.Scope.Request.Warn($"spec.versions[{index}].schema: {Rules} are kept, but this server does not evaluate them"); }
        }
        return ValueTask.CompletedTask;
    }

    private static bool Occur(JsonNode? schema) => schema switch
    {
        JsonObject obj => obj[Rules] is JsonArray || obj.Any(field => Occur(field.Value)),
        JsonArray items => items.Any(Occur),
        _ => false,
    };
}
