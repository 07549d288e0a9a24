using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Protobuf;

namespace Flotilla.ClusterCore.Resources;

/// <summary>
/// Kubernetes' protobuf: the bytes <c>k8s\0</c> and a runtime.Unknown that holds apiVersion, kind and the message. Only built-in
/// types have it; custom resources are JSON.
/// </summary>
public static class ProtobufCodec
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    public static bool HasEnvelope(ReadOnlySpan<byte> bytes) => bytes.StartsWith("k8s\0"u8);

    /// <summary>The apiVersion and kind in the envelope; empty when there is none.</summary>
    public static (string ApiVersion, string Kind) PeekTypeMeta(ReadOnlySpan<byte> bytes) => Envelope.PeekTypeMeta(bytes);

    /// <param name="type">What the message is; null takes it from the envelope.</param>
    public static DecodeResult Decode(ReadOnlySpan<byte> bytes, TypeSchema? type) => Envelope.Decode(bytes, type);

    /// <summary>An object or list with its envelope; <paramref name="type"/> null finds it by apiVersion and kind. Null: no such type.</summary>
    public static byte[]? Encode(JsonObject obj, TypeSchema? type = null) => Envelope.Encode(obj, type);

    /// <summary>A watch event: four bytes of big-endian length, then a meta/v1 WatchEvent around the enveloped object.</summary>
    public static byte[] EncodeWatchFrame(string eventType, ReadOnlySpan<byte> envelopedObject) => Envelope.EncodeWatchFrame(eventType, envelopedObject);
}
