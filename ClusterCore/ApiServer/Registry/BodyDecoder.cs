using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Registry;

/// <summary>Request bodies to object trees, checked against the kind that the path expects.</summary>
internal static class BodyDecoder
{
    private const string OfYaml = "yaml: unmarshal errors:\n  ";

    public static async ValueTask<JsonObject> ReadAsync(ApiRequest request, string apiVersion, string kind, ISchema schema)
    {
        var body = await BodyReader.ReadAsync(request.Http.Request, TimeProvider.System, request.Aborted);
        return Decode(request, body, MediaType.OfBody(request.Http.Request.ContentType), apiVersion, kind, schema);
    }

    /// <summary>For the few bodies that older clients send in an older version with the same fields.</summary>
    public static async ValueTask<JsonObject> ReadAsync(ApiRequest request, string apiVersion, string olderVersion, string kind, ISchema schema)
    {
        var body = await BodyReader.ReadAsync(request.Http.Request, TimeProvider.System, request.Aborted);
        var encoding = MediaType.OfBody(request.Http.Request.ContentType);
        var isOlder = Decode(body, encoding, schema).Object is { } obj && ObjectMeta.Text(obj, "apiVersion") == olderVersion;
        return Decode(request, body, encoding, isOlder ? olderVersion : apiVersion, kind, schema);
    }

    public static JsonObject Decode(ApiRequest request, byte[] body, Encoding encoding, string apiVersion, string kind, ISchema schema)
    {
        if (encoding == Encoding.Protobuf && schema is not TypeSchema) { throw Refusal.UnsupportedMediaType("application/json, application/yaml"); }
        var result = Decode(body, encoding, schema);
        if (result.Object is not { } obj) { throw Undecodable(body, encoding, apiVersion, kind, result.Error ?? "the body of the request could not be decoded"); }
        CheckKind(obj, apiVersion, kind);
        if (result.StrictError is { } strict && request.FieldValidation == FieldValidation.Strict) { throw CannotBeHandled(kind, apiVersion, kind, strict); }
        Warn(request, result);
        return obj;
    }

    public static DecodeResult Decode(byte[] body, Encoding encoding, ISchema schema) => encoding switch
    {
        Encoding.Protobuf => ProtobufCodec.Decode(body, schema as TypeSchema),
        Encoding.Yaml => YamlCodec.Decode(body, schema),
        _ => JsonCodec.Decode(body, schema),
    };

    public static void Warn(ApiRequest request, DecodeResult result)
    {
        if (request.FieldValidation != FieldValidation.Warn) { return; }
        foreach (var error in result.FieldErrors) { request.Warn(error.StartsWith(OfYaml, StringComparison.Ordinal) ? error[OfYaml.Length..] : error); }
    }

    private static void CheckKind(JsonObject obj, string apiVersion, string kind)
    {
        var (ownVersion, ownKind) = (ObjectMeta.Text(obj, "apiVersion"), ObjectMeta.Text(obj, "kind"));
        if (ownKind.Length > 0 && ownKind != kind)
        {
            var from = ownVersion.Length == 0 ? apiVersion : ownVersion;
            throw CannotBeHandled(ownKind, from, kind, NoConversion(from, ownKind, apiVersion, kind));
        }

        if (ownVersion.Length > 0 && ownVersion != apiVersion)
        {
            throw Refusal.BadRequest($"the API version in the data ({ownVersion}) does not match the expected API version ({apiVersion})");
        }

        obj["apiVersion"] = apiVersion;
        obj["kind"] = kind;
    }

    /// <summary>Why an object that says it is one kind is none of another.</summary>
    public static string NoConversion(string from, string ownKind, string apiVersion, string kind) => ApiCatalog.Default.ResourceOfKind(from, ownKind) is null
        ? $"no kind \"{ownKind}\" is registered for version \"{from}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\""
        : $"converting ({VersionOf(from)}.{ownKind}) to ({GroupOf(apiVersion)}.{kind}): unknown conversion";

    /// <summary>What a body says it is goes into the refusal; one that is not even JSON says nothing.</summary>
    private static StatusException Undecodable(byte[] body, Encoding encoding, string apiVersion, string kind, string error)
    {
        if (encoding == Encoding.Json && !JsonCodec.TryParse(body, out _, out var broken))
        {
            return Refusal.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {broken} ({Summary(body)})");
        }

        var meta = encoding == Encoding.Json ? JsonCodec.PeekTypeMeta(body) : default;
        return CannotBeHandled(meta.Kind is { Length: > 0 } own ? own : kind, meta.ApiVersion is { Length: > 0 } version ? version : apiVersion, kind, error);
    }

    private static StatusException CannotBeHandled(string own, string apiVersion, string kind, string error) =>
        Refusal.BadRequest($"{own} in version \"{VersionOf(apiVersion)}\" cannot be handled as a {kind}: {error}");

    private static string Summary(byte[] body)
    {
        const int Shown = 30;
        if (body.Length == 0) { return "<empty>"; }
        var start = body.AsSpan(0, Math.Min(body.Length, Shown));
        var text = body[0] == '{' ? System.Text.Encoding.UTF8.GetString(start) : Convert.ToHexStringLower(start);
        return body.Length > Shown ? text + " ..." : text;
    }

    private static string VersionOf(string apiVersion) => apiVersion[(apiVersion.LastIndexOf('/') + 1)..];

    /// <summary>As upstream's packages are called: core, apps, networking.</summary>
    private static string GroupOf(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "core" : apiVersion[..slash].Split('.')[0];
    }
}
