using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Protobuf;

namespace Flotilla.ClusterCore.Resources;

/// <summary>An OpenAPI v2 document in the protobuf form of gnostic, which kubectl before 1.24 asks for.</summary>
public static class OpenApiCodec
{
    /// <summary>What clients ask for. The at sign has no place in a media type: Go's parser refuses an answer that says it.</summary>
    public const string Asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>What the answer says it is.</summary>
    public const string MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static byte[] Encode(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        using var writer = new WireWriter();
        OpenApiMessages.Document.Write(document, writer);
        return writer.Written.ToArray();
    }
}
