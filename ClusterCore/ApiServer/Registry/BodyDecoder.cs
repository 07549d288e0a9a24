using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Request bodies to object trees, checked against the kind that the path expects.</summary>
internal static class BodyDecoder
{
    public static async ValueTask<JsonObject> ReadAsync(ApiRequest request, string apiVersion, string kind, ISchema schema)
    {
        var body = await BodyReader.ReadAsync(request.Http.Request, request.Aborted);
        return Decode(request, body, MediaType.OfBody(request.Http.Request.ContentType), apiVersion, kind, schema);
    }

    public static JsonObject Decode(ApiRequest request, byte[] body, Encoding encoding, string apiVersion, string kind, ISchema schema)
    {
        var result = Decode(body, encoding, schema);
        if (result.Object is not { } obj) { throw Refusal.BadRequest(result.Error ?? "the body of the request could not be decoded"); }
        CheckKind(obj, apiVersion, kind);
        Report(request, result);
        return obj;
    }

    public static DecodeResult Decode(byte[] body, Encoding encoding, ISchema schema) => encoding switch
    {
        Encoding.Protobuf => ProtobufCodec.Decode(body, schema as TypeSchema),
        Encoding.Yaml => YamlCodec.Decode(body, schema),
        _ => JsonCodec.Decode(body, schema),
    };

    public static void Report(ApiRequest request, DecodeResult result)
    {
        if (result.StrictError is not { } strict || request.FieldValidation == FieldValidation.Ignore) { return; }
        if (request.FieldValidation == FieldValidation.Strict) { throw Refusal.BadRequest(strict); }
        foreach (var error in result.FieldErrors) { request.Warn(error); }
    }

    private static void CheckKind(JsonObject obj, string apiVersion, string kind)
    {
        var (ownVersion, ownKind) = (ObjectMeta.Text(obj, "apiVersion"), ObjectMeta.Text(obj, "kind"));
        if (ownKind.Length > 0 && ownKind != kind)
        {
            throw Refusal.BadRequest($"{ownKind} in version \"{ownVersion}\" cannot be handled as a {kind}: no kind \"{ownKind}\" is expected here");
        }

        if (ownVersion.Length > 0 && ownVersion != apiVersion)
        {
            throw Refusal.BadRequest($"the API version in the data ({ownVersion}) does not match the expected API version ({apiVersion})");
        }

        obj["apiVersion"] = apiVersion;
        obj["kind"] = kind;
    }
}
