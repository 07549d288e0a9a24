using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources.Json;

namespace Flotilla.ClusterCore.Resources.Protobuf;

/// <summary>runtime.Unknown: 1 typeMeta (1 apiVersion, 2 kind), 2 raw, 3 contentEncoding, 4 contentType.</summary>
internal static class Envelope
{
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static (string ApiVersion, string Kind) PeekTypeMeta(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var unknown = Open(bytes);
            return (unknown.ApiVersion, unknown.Kind);
        }
        catch (WireException)
        {
            // Whoever decodes the whole body says what is wrong with it.
            return ("", "");
        }
    }

    public static DecodeResult Decode(ReadOnlySpan<byte> bytes, TypeSchema? type)
    {
        try
        {
            return new(Decode(bytes, type, 0), null, []);
        }
        catch (WireException broken)
        {
            return DecodeResult.Failed($"proto: {broken.Message}");
        }
    }

    /// <summary>An object inside a RawExtension.</summary>
    public static JsonObject DecodeNested(ReadOnlySpan<byte> bytes, int depth) => Decode(bytes, null, depth);

    public static byte[]? Encode(JsonObject obj, TypeSchema? type)
    {
        var (apiVersion, kind) = (JsonNumbers.Text(obj["apiVersion"]) ?? "", JsonNumbers.Text(obj["kind"]) ?? "");
        type ??= ApiCatalog.Default.TypeOf(apiVersion, kind);
        if (type is null)
        {
            return null;
        }

        using var writer = new WireWriter();
        writer.TextField(4, "");
        writer.TextField(3, "");
        var before = writer.Length;
        MessageEncoder.Encode(obj, type, writer);
        writer.Head(2, writer.Length - before);
        before = writer.Length;
        writer.TextField(2, kind);
        writer.TextField(1, apiVersion);
        writer.Head(1, writer.Length - before);
        writer.Raw(Magic);
        return writer.Written.ToArray();
    }

    public static byte[] EncodeWatchFrame(string eventType, ReadOnlySpan<byte> envelopedObject)
    {
        using var writer = new WireWriter();
        writer.BytesField(1, envelopedObject);
        writer.Head(2, writer.Length);
        writer.TextField(1, eventType);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, writer.Length);
        writer.Raw(length);
        return writer.Written.ToArray();
    }

    private static JsonObject Decode(ReadOnlySpan<byte> bytes, TypeSchema? type, int depth)
    {
        var unknown = Open(bytes);
        type ??= ApiCatalog.Default.TypeOf(unknown.ApiVersion, unknown.Kind)
            ?? throw new WireException($"no kind \"{unknown.Kind}\" is registered for version \"{unknown.ApiVersion}\"");
        var message = MessageDecoder.Decode(unknown.Raw, type, depth);
        var obj = new JsonObject { ["kind"] = unknown.Kind, ["apiVersion"] = unknown.ApiVersion };
        foreach (var (name, value) in message.ToList())
        {
            message.Remove(name);
            obj[name] = value;
        }

        return obj;
    }

    private static Unknown Open(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
        {
            throw new WireException("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        var unknown = new Unknown { ApiVersion = "", Kind = "" };
        var reader = new WireReader(bytes[Magic.Length..]);
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.Tag();
            if (wireType != WireType.Bytes || number > 2)
            {
                reader.Skip(wireType);
            }
            else if (number == 2)
            {
                unknown.Raw = reader.Bytes();
            }
            else
            {
                (unknown.ApiVersion, unknown.Kind) = ReadTypeMeta(reader.Bytes());
            }
        }

        return unknown;
    }

    private static (string ApiVersion, string Kind) ReadTypeMeta(ReadOnlySpan<byte> bytes)
    {
        var (apiVersion, kind) = ("", "");
        var reader = new WireReader(bytes);
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.Tag();
            switch (number)
            {
                case 1 when wireType == WireType.Bytes:
                    apiVersion = reader.Text();
                    break;
                case 2 when wireType == WireType.Bytes:
                    kind = reader.Text();
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        return (apiVersion, kind);
    }

    private ref struct Unknown
    {
        public string ApiVersion;
        public string Kind;
        public ReadOnlySpan<byte> Raw;
    }
}
