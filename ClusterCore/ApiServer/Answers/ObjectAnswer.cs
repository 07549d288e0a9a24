using System.Buffers;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Tables;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Answers;

/// <summary>
/// Objects and lists in the form a client asked for. Plain JSON, by far the most common, is the stored bytes untouched.
/// </summary>
internal sealed class ObjectAnswer(TableRenderer tables)
{
    public static MediaType Negotiate(Scope scope) => MediaType.Negotiate(scope.Request.Http.Request.Headers.Accept, type => Serves(scope, type));

    public Task ObjectAsync(Scope scope, ReadOnlyMemory<byte> value, int code = 200)
    {
        var type = Negotiate(scope);
        return Answer.BytesAsync(scope.Request.Http, Object(scope, value, type), type.ContentType, code);
    }

    /// <summary>An answer that is no stored object of the resource: a Scale, a review, a token.</summary>
    public static Task TreeAsync(Scope scope, JsonObject obj, int code = 200)
    {
        var type = MediaType.Negotiate(scope.Request.Http.Request.Headers.Accept, one => one.As.Length == 0);
        return Answer.BytesAsync(scope.Request.Http, Encode(obj, type.Encoding), type.ContentType, code);
    }

    public Task ListAsync(Scope scope, ListPage page)
    {
        var type = Negotiate(scope);
        if (type is { Encoding: Encoding.Json, As: "" } && !Answer.AcceptsGzip(scope.Request.Http.Request)) { return JsonListStream.SendAsync(scope, page); }
        var body = type switch
        {
            { As: "Table" } => Encode(tables.Render(scope, page), type.Encoding),
            { As: "PartialObjectMetadataList" or "PartialObjectMetadata" } => Encode(PartialMetadata.List(page), type.Encoding),
            { Encoding: Encoding.Json } => JsonList(scope, page),
            _ => Encode(JsonNode.Parse(JsonList(scope, page))!.AsObject(), type.Encoding),
        };
        return Answer.BytesAsync(scope.Request.Http, body, type.ContentType);
    }

    public byte[] Object(Scope scope, ReadOnlyMemory<byte> value, MediaType type, bool withColumns = true)
    {
        var shown = StoredVersions.Show(scope, value);
        return type switch
        {
            { As: "Table" } => Encode(tables.RenderOne(scope, shown, withColumns), type.Encoding),
            { As: "PartialObjectMetadata" } => Encode(PartialMetadata.One(JsonNode.Parse(shown.Span)!.AsObject()), type.Encoding),
            { Encoding: Encoding.Json } => shown.ToArray(),
            _ => Encode(JsonNode.Parse(shown.Span)!.AsObject(), type.Encoding),
        };
    }

    public static byte[] Encode(JsonObject obj, Encoding encoding) => encoding switch
    {
        Encoding.Protobuf => ProtobufCodec.Encode(obj) ?? throw Refusal.NotAcceptable("application/json, application/yaml"),
        Encoding.Yaml => YamlCodec.Encode(obj),
        _ => JsonCodec.Encode(obj),
    };

    /// <summary>Tables have no protobuf, nor have custom resources.</summary>
    public static bool Serves(Scope scope, MediaType type) => type.As switch
    {
        "" => type.Encoding != Encoding.Protobuf || !scope.Resource.IsCustom(),
        "Table" when type.Encoding == Encoding.Protobuf => false,
        "Table" or "PartialObjectMetadata" or "PartialObjectMetadataList" => type is { Group: "meta.k8s.io", Version: "v1" },
        _ => false,
    };

    private static byte[] JsonList(Scope scope, ListPage page)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + page.Items.Sum(item => item.Value.Length + 1));
        JsonListStream.WriteHead(buffer, scope, page);
        for (var i = 0; i < page.Items.Count; i++) { JsonListStream.WriteItem(buffer, scope, page.Items[i], i == 0); }
        buffer.Write(JsonListStream.Tail);
        return buffer.WrittenSpan.ToArray();
    }
}
