using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests.Protobuf;

public sealed class ProtobufCodecTests
{
    public static TheoryData<string, string> Kinds()
    {
        var kinds = new TheoryData<string, string>();
        foreach (var resource in ApiCatalog.Default.Resources)
        {
            kinds.Add(resource.ApiVersion, resource.Kind);
        }

        return kinds;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Every_field_of_every_kind_survives_the_wire(string apiVersion, string kind)
    {
        var type = ApiCatalog.Default.TypeOf(apiVersion, kind)!;
        var json = Sample.Of(type);
        (json["apiVersion"], json["kind"]) = (apiVersion, kind);
        var decoded = JsonCodec.Decode(JsonCodec.Encode(json), type);
        Assert.Null(decoded.Error);
        Assert.Empty(decoded.FieldErrors);

        var wire = ProtobufCodec.Encode(decoded.Object!);
        var back = ProtobufCodec.Decode(wire, null);

        Assert.Null(back.Error);
        Trees.Equal(decoded.Object, back.Object);
        Assert.Equal((apiVersion, kind), ProtobufCodec.PeekTypeMeta(wire));
    }

    [Fact]
    public void A_config_map_has_the_bytes_of_upstream()
    {
        var wire = ProtobufCodec.Encode(Trees.Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}"""))!;

        // k8s\0, 1: {1: v1, 2: ConfigMap}, 2: {1: {1: a}, 2: {1: k, 2: v}}, 3: "", 4: ""
        byte[] expected =
        [
            .. "k8s\0"u8, 0x0a, 15, 0x0a, 2, .. "v1"u8, 0x12, 9, .. "ConfigMap"u8,
            0x12, 13, 0x0a, 3, 0x0a, 1, (byte)'a', 0x12, 6, 0x0a, 1, (byte)'k', 0x12, 1, (byte)'v', 0x1a, 0, 0x22, 0,
        ];
        Assert.Equal(expected, wire);
    }

    [Fact]
    public void A_watch_frame_has_its_length_in_front()
    {
        var wire = ProtobufCodec.EncodeWatchFrame("ADDED", "k8s\0x"u8);
        byte[] expected = [0, 0, 0, 16, 0x0a, 5, .. "ADDED"u8, 0x12, 7, 0x0a, 5, .. "k8s\0x"u8];
        Assert.Equal(expected, wire);
    }

    [Fact]
    public void A_list_carries_its_items()
    {
        var list = Trees.Parse("""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a"}}]}""");
        Trees.Equal(list, ProtobufCodec.Decode(ProtobufCodec.Encode(list), null).Object);
    }

    [Theory]
    [InlineData("", "proto: provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")]
    [InlineData("6b387300 0a", "proto: unexpected EOF")]
    [InlineData("6b387300 12ff01", "proto: unexpected EOF")]
    [InlineData("6b387300 0a0f0a0276311209436f6e6669674d6170 1203 080000", "proto: wrong wireType = 0")]
    [InlineData("6b387300 0a050a01761200 1200", "proto: no kind \"\" is registered for version \"v\"")]
    public void Broken_bytes_are_refused_with_a_reason(string hex, string expected)
    {
        var result = ProtobufCodec.Decode(Convert.FromHexString(hex.Replace(" ", "")), null);
        Assert.Null(result.Object);
        Assert.Equal(expected, result.Error);
    }

    [Fact]
    public void Any_cut_of_a_message_fails_cleanly_or_decodes()
    {
        var json = Sample.Of(ApiCatalog.Default.TypeOf("v1", "Pod")!);
        (json["apiVersion"], json["kind"]) = ("v1", "Pod");
        var wire = ProtobufCodec.Encode(json)!;
        for (var length = 0; length < wire.Length; length += 7)
        {
            var result = ProtobufCodec.Decode(wire.AsSpan(0, length), ApiCatalog.Default.TypeOf("v1", "Pod"));
            Assert.True(result.Object is null != result.Error is null);
        }
    }

    [Fact]
    public void Embedded_objects_may_be_protobuf_themselves()
    {
        var inner = ProtobufCodec.Encode(Trees.Parse("""{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"b"}}"""))!;
        var revision = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "ControllerRevision", ["data"] = "PLACE", ["revision"] = 1L };
        var wire = ProtobufCodec.Encode(revision)!;
        Assert.Contains("PLACE", Encoding.UTF8.GetString(wire));
        byte[] data = [0x0a, (byte)inner.Length, .. inner];
        byte[] message = [0x12, (byte)data.Length, .. data, 0x18, 1];
        byte[] whole = [.. "k8s\0"u8, 0x12, (byte)message.Length, .. message];

        var decoded = ProtobufCodec.Decode(whole, ApiCatalog.Default.TypeOf("apps/v1", "ControllerRevision"));
        Assert.Equal("b", decoded.Object?["data"]?["data"]?["a"]?.GetValue<string>());
    }
}
