using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;
using Microsoft.Net.Http.Headers;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>The four kinds of patch, by content type.</summary>
internal sealed class Patcher(ObjectWriter writer)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergeType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";

    public async ValueTask<Written> PatchAsync(Scope scope, Action<JsonObject, JsonObject>? prepare)
    {
        var type = MediaTypeHeaderValue.TryParse(scope.Request.Http.Request.ContentType, out var parsed) ? parsed.MediaType.Value : "";
        var body = await BodyReader.ReadAsync(scope.Request.Http.Request, scope.Aborted);
        return type switch
        {
            JsonPatchType => await writer.UpdateAsync(scope, Patch(scope, (current, patch) => JsonPatch.Apply(current, patch), body), prepare),
            MergeType => await writer.UpdateAsync(scope, Patch(scope, JsonMergePatch.Apply, body), prepare),
            StrategicType when !scope.Resource.IsCustom() =>
                await writer.UpdateAsync(scope, Patch(scope, (current, patch) => StrategicMergePatch.Apply(current, patch, scope.Resource.Schema), body), prepare),
            ApplyType => throw Unsupported(),
            _ => throw Unsupported(),
        };
    }

    private static Func<JsonObject, JsonObject> Patch(Scope scope, Func<JsonObject, JsonNode?, PatchResult> apply, byte[] body)
    {
        if (!JsonCodec.TryParse(body, out var patch, out var error)) { throw Refusal.BadRequest(error ?? "the patch is no JSON"); }
        return current =>
        {
            var result = apply(current, patch?.DeepClone());
            if (result.Object is not { } next) { throw Failed(result); }
            // Read again under the schema: a patch can bring unknown fields and wrong types as a body can.
            var decoded = JsonCodec.Decode(JsonCodec.Encode(next), scope.Resource.Schema);
            if (decoded.Object is null) { throw Refusal.Invalid(scope.Resource.Group, scope.Resource.Kind, scope.Request.Info.Name, [new("FieldValueInvalid", decoded.Error ?? "", "patch")]); }
            BodyDecoder.Report(scope.Request, decoded);
            return decoded.Object;
        };
    }

    private static StatusException Failed(PatchResult result) => result.StatusCode switch
    {
        413 => new(new(413, "RequestEntityTooLarge", result.Error ?? "")),
        422 => new(new(422, "Invalid", result.Error ?? "")),
        _ => Refusal.BadRequest(result.Error ?? ""),
    };

    private static StatusException Unsupported() => Refusal.UnsupportedMediaType($"{JsonPatchType}, {MergeType}, {ApplyType}, {StrategicType}");
}
