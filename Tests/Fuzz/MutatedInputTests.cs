using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.Fuzz;

/// <summary>Decoders and patches fed with broken inputs: each answers or refuses, none throws.</summary>
public sealed class MutatedInputTests
{
    private static readonly TypeSchema Deployment = ApiCatalog.Default.TypeOf("apps/v1", "Deployment")!;

    /// <summary>Schemas within schemas, and values of any shape: what protobuf bodies are at their worst.</summary>
    private const string Definition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
        "names":{"plural":"a","kind":"A","shortNames":["b"]},"conversion":{"strategy":"None"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":
        {"type":"object","properties":{"x":{"type":"array","items":{"type":"string","maxLength":5},"default":["a"]},"y":{"x-kubernetes-int-or-string":true,"enum":[1,"a",null]},
        "z":{"type":"object","additionalProperties":{"type":"number","minimum":1.5}}}}}}]}}
        """;

    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes(
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","labels":{"x":"y"},"creationTimestamp":"2026-01-02T03:04:05Z"},"spec":{"replicas":3,
        "selector":{"matchLabels":{"x":"y"}},"strategy":{"rollingUpdate":{"maxSurge":"25%"}},"template":{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1.5","memory":"1e3"}},
        "ports":[{"containerPort":80}],"env":[{"name":"E","value":"\u00e9\ud83d\ude00"}]}]}}}}
        """);

    [Fact]
    public Task Json_bodies_are_decoded_or_refused() => Inputs.FeedAsync(Manifest, static bytes => Answers(JsonCodec.Decode(bytes, Deployment)));

    [Fact]
    public Task Yaml_bodies_are_decoded_or_refused() =>
        Inputs.FeedAsync(YamlCodec.Encode(JsonNode.Parse(Manifest)!), static bytes => Answers(YamlCodec.Decode(bytes, Deployment)));

    [Fact]
    public async Task Protobuf_bodies_are_decoded_or_refused()
    {
        await Inputs.FeedAsync(ProtobufCodec.Encode(JsonNode.Parse(Manifest)!.AsObject())!, static bytes => Answers(ProtobufCodec.Decode(bytes, Deployment)));
        await Inputs.FeedAsync(ProtobufCodec.Encode(JsonNode.Parse(Definition)!.AsObject())!, static bytes => Answers(ProtobufCodec.Decode(bytes, null)));
    }

    [Fact]
    public async Task What_decodes_also_encodes()
    {
        await Inputs.FeedAsync(Manifest, static bytes =>
        {
            if (JsonCodec.Decode(bytes, Deployment).Object is { } obj)
            {
                Assert.NotNull(ProtobufCodec.Decode(ProtobufCodec.Encode(obj, Deployment), Deployment).Object);
                Assert.Null(JsonCodec.Conform(obj, Deployment).Error);
                Assert.NotEmpty(YamlCodec.Encode(obj));
                Assert.NotEmpty(JsonCodec.EncodeStored(obj).Bytes);
            }
        });
    }

    [Fact]
    public async Task Patches_are_applied_or_refused()
    {
        var original = JsonCodec.Decode(Manifest, Deployment).Object!;
        await Inputs.FeedAsync(
            """[{"op":"add","path":"/spec/x","value":{"a":[1]}},{"op":"move","from":"/spec/replicas","path":"/metadata/labels/x"},{"op":"test","path":"/kind","value":"Deployment"}]"""u8.ToArray(),
            bytes => Patched(bytes, node => JsonPatch.Apply(original, node)));
        var strategic = """
            {"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b"},{"name":"a","$patch":"delete"}]}},
            "strategy":{"$retainKeys":["type"],"type":"Recreate"}},"metadata":{"$deleteFromPrimitiveList/finalizers":["x"],"labels":{"$patch":"replace"}}}
            """;
        await Inputs.FeedAsync(Encoding.UTF8.GetBytes(strategic), bytes => Patched(bytes, node => StrategicMergePatch.Apply(original, node, Deployment)));
        await Inputs.FeedAsync(Encoding.UTF8.GetBytes(strategic), bytes => Patched(bytes, node => JsonMergePatch.Apply(original, node)));
    }

    [Fact]
    public async Task Configurations_are_applied_or_refused()
    {
        var manager = new FieldManager("me", "apps/v1", "", DateTimeOffset.UnixEpoch, ["status"]);
        var live = ServerSideApply.Apply(null, JsonNode.Parse(Manifest)!.AsObject(), Deployment, manager, force: false).Object!;
        await Inputs.FeedAsync(Manifest, bytes =>
        {
            if (JsonCodec.TryParse(bytes, out var node, out _) && node is JsonObject configuration)
            {
                var result = ServerSideApply.Apply(live, configuration, Deployment, manager with { Name = "other" }, force: false);
                Assert.True(result.Object is not null || result.Error is not null || result.Conflicts.Count > 0);
            }
        });
    }

    [Fact]
    public async Task Managed_fields_a_client_broke_do_no_harm()
    {
        var live = JsonCodec.Decode(Manifest, Deployment).Object!;
        ServerSideApply.TrackUpdate(null, live, Deployment, new("a", "apps/v1", "", DateTimeOffset.UnixEpoch, []));
        await Inputs.FeedAsync(JsonCodec.Encode(live), bytes =>
        {
            if (JsonCodec.Decode(bytes, Deployment).Object is { } updated)
            {
                ServerSideApply.TrackUpdate(live, updated, Deployment, new("b", "apps/v1", "", DateTimeOffset.UnixEpoch, []));
                var again = ServerSideApply.Apply(updated, JsonNode.Parse(Manifest)!.AsObject(), Deployment, new("c", "apps/v1", "", DateTimeOffset.UnixEpoch, []), force: true);
                Assert.NotNull(again.Object);
                var other = ServerSideApply.Apply(updated, JsonNode.Parse(Encoding.UTF8.GetString(Manifest).Replace("\"replicas\":3", "\"replicas\":4", StringComparison.Ordinal).Replace("80", "81", StringComparison.Ordinal))!.AsObject(), Deployment, new("d", "apps/v1", "", DateTimeOffset.UnixEpoch, []), force: false);
                Assert.All(other.Conflicts, static conflict => Assert.NotEqual("", conflict.Message));
            }
        });
    }

    [Fact]
    public async Task Selectors_and_quantities_are_parsed_or_refused()
    {
        await Inputs.FeedAsync("a in (b,c),!d,e!=f,g>1"u8.ToArray(), static bytes =>
            Assert.Equal(LabelSelector.TryParse(Encoding.UTF8.GetString(bytes), out _, out var error), error is null));
        await Inputs.FeedAsync("metadata.name=a\\,b,status.phase!=c"u8.ToArray(), static bytes =>
            Assert.Equal(FieldSelector.TryParse(Encoding.UTF8.GetString(bytes), out _, out var error), error is null));
        foreach (var text in (string[])["1.5Gi", "-12e6", "100m"])
        {
            await Inputs.FeedAsync(Encoding.UTF8.GetBytes(text), static bytes =>
            {
                if (Quantity.TryParse(Encoding.UTF8.GetString(bytes), out var quantity))
                {
                    Assert.Equal(quantity.ToString(), Quantity.Parse(quantity.ToString()).ToString());
                }
            });
        }
    }

    private static void Answers(DecodeResult result) => Assert.True(result.Object is null != result.Error is null);

    private static void Patched(byte[] bytes, Func<JsonNode?, PatchResult> apply)
    {
        if (JsonCodec.TryParse(bytes, out var node, out _))
        {
            var result = apply(node);
            Assert.True(result.Object is null != result.Error is null);
        }
    }
}
