using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests.Protobuf;

public sealed class OpenApiCodecTests
{
    /// <summary>The wire form as gnostic's own encoder writes it, message by message.</summary>
    [Fact]
    public void Documents_are_written_as_gnostic_writes_them()
    {
        var document = JsonNode.Parse("""
            {"swagger":"2.0","paths":{"/api":{"get":{"parameters":[{"name":"p","in":"query","type":"string"}],"x-a":{"b":1}}}},
             "definitions":{"T":{"type":"object","required":["r"],"additionalProperties":{"type":"string"},"properties":{"l":{"type":"array","items":{"$ref":"#/definitions/T"}}}}}}
            """)!.AsObject();
        byte[] parameter = Message(3, [.. Text(2, "query"), .. Text(4, "p"), .. Text(6, "string")]);
        byte[] extension = [.. Text(1, "x-a"), .. Message(2, Text(2, "{\"b\":1}\n"))];
        byte[] get = [.. Message(8, Message(1, Message(2, parameter))), .. Message(13, extension)];
        byte[] paths = Message(2, [.. Text(1, "/api"), .. Message(2, Message(2, get))]);
        byte[] list = [.. Message(22, Text(1, "array")), .. Message(23, Message(1, Text(1, "#/definitions/T")))];
        byte[] schema =
        [
            .. Text(19, "r"), .. Message(21, Message(1, Message(22, Text(1, "string")))), .. Message(22, Text(1, "object")),
            .. Message(25, Message(1, [.. Text(1, "l"), .. Message(2, list)])),
        ];
        byte[] definitions = Message(1, [.. Text(1, "T"), .. Message(2, schema)]);
        byte[] expected = [.. Text(1, "2.0"), .. Message(8, paths), .. Message(9, definitions)];
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(OpenApiCodec.Encode(document)));
    }

    private static byte[] Text(int number, string text) => Message(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int number, byte[] body)
    {
        var tag = (number << 3) | 2;
        byte[] head = tag < 128 ? [(byte)tag] : [(byte)(tag | 128), (byte)(tag >> 7)];
        return [.. head, (byte)body.Length, .. body];
    }
}
