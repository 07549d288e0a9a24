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
        var contentType = scope.Request.Http.Request.ContentType;
        var body = await BodyReader.ReadAsync(scope.Request.Http.Request, scope.Aborted);
        var type = TypeOf(contentType);
        if (type == ApplyType || (type == StrategicType && scope.Resource.IsCustom())) { throw Unsupported(); }
        var patch = Read(contentType, body);
        return await writer.UpdateAsync(scope, current => Checked(scope, patch(current, scope.Resource.Schema)), prepare);
    }

    /// <summary>A patch as a function of the object it is for.</summary>
    public static Func<JsonObject, ISchema, JsonObject> Read(string? contentType, byte[] body)
    {
        Func<JsonObject, JsonNode?, ISchema, PatchResult> apply = TypeOf(contentType) switch
        {
            JsonPatchType => (current, patch, _) => JsonPatch.Apply(current, patch),
            MergeType => (current, patch, _) => JsonMergePatch.Apply(current, patch),
            StrategicType => StrategicMergePatch.Apply,
            _ => throw Unsupported(),
        };
        if (!JsonCodec.TryParse(body, out var parsed, out var error)) { throw Refusal.BadRequest(error ?? "the patch is no JSON"); }
        return (current, schema) =>
        {
            var result = apply(current, parsed?.DeepClone(), schema);
            return result.Object ?? throw Failed(result);
        };
    }

    /// <summary>Read again under the schema: a patch can bring unknown fields and wrong types as a body can.</summary>
    private static JsonObject Checked(Scope scope, JsonObject next)
    {
        var decoded = JsonCodec.Decode(JsonCodec.Encode(next), scope.Resource.Schema);
        if (decoded.Object is null)
        {
            throw Refusal.Invalid(scope.Resource.Group, scope.Resource.Kind, scope.Request.Info.Name, [new("FieldValueInvalid", decoded.Error ?? "", "patch")]);
        }

        BodyDecoder.Report(scope.Request, decoded);
        return decoded.Object;
    }

    private static string TypeOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed.MediaType.Value ?? "" : "";

    private static StatusException Failed(PatchResult result) => result.StatusCode switch
    {
        413 => new(new(413, "RequestEntityTooLarge", result.Error ?? "")),
        422 => new(new(422, "Invalid", result.Error ?? "")),
        _ => Refusal.BadRequest(result.Error ?? ""),
    };

    private static StatusException Unsupported() => Refusal.UnsupportedMediaType($"{JsonPatchType}, {MergeType}, {ApplyType}, {StrategicType}");
}
