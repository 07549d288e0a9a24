using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.Fuzz;

/// <summary>Decoders and patches fed with broken inputs: each answers or refuses, none throws. <c>deploy/test fuzz</c> feeds each a million.</summary>
public sealed class MutatedInputTests
{
    private static readonly int Inputs = int.Parse(Environment.GetEnvironmentVariable("FLOTILLA_FUZZ_INPUTS") ?? "1500", CultureInfo.InvariantCulture);
    private static readonly TypeSchema Deployment = ApiCatalog.Default.TypeOf("apps/v1", "Deployment")!;

    /// <summary>Schemas within schemas, and values of any shape: what protobuf bodies are at their worst.</summary>
    private const string Definition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"a.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
        "names":{"plural":"a","kind":"A","shortNames":["b"]},"conversion":{"strategy":"None"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":
        {"type":"object","properties":{"x":{"type":"array","items":{"type":"string","maxLength":5},"default":["a"]},"y":{"x-kubernetes-int-or-string":true,"enum":[1,"a",null]},
        "z":{"type":"object","additionalProperties":{"type":"number","minimum":1.5}}}}}}]}}
        """;

    private static readonly string[] Values = ["null", "{}", "[]", "1", "\"\"", "true", "1e999", "-0"];

    private static readonly byte[] Manifest = Encoding.UTF8.GetBytes(
        """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","labels":{"x":"y"},"creationTimestamp":"2026-01-02T03:04:05Z"},"spec":{"replicas":3,
        "selector":{"matchLabels":{"x":"y"}},"strategy":{"rollingUpdate":{"maxSurge":"25%"}},"template":{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1.5","memory":"1e3"}},
        "ports":[{"containerPort":80}],"env":[{"name":"E","value":"\u00e9\ud83d\ude00"}]}]}}}}
        """);

    [Fact]
    public void Json_bodies_are_decoded_or_refused() => Mutate(Manifest, static bytes => Answers(JsonCodec.Decode(bytes, Deployment)));

    [Fact]
    public void Yaml_bodies_are_decoded_or_refused() =>
        Mutate(YamlCodec.Encode(JsonNode.Parse(Manifest)!), static bytes => Answers(YamlCodec.Decode(bytes, Deployment)));

    [Fact]
    public void Protobuf_bodies_are_decoded_or_refused()
    {
        Mutate(ProtobufCodec.Encode(JsonNode.Parse(Manifest)!.AsObject())!, static bytes => Answers(ProtobufCodec.Decode(bytes, Deployment)));
        Mutate(ProtobufCodec.Encode(JsonNode.Parse(Definition)!.AsObject())!, static bytes => Answers(ProtobufCodec.Decode(bytes, null)));
    }

    [Fact]
    public void What_decodes_also_encodes()
    {
        Mutate(Manifest, static bytes =>
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
    public void Patches_are_applied_or_refused()
    {
        var original = JsonCodec.Decode(Manifest, Deployment).Object!;
        Mutate(
            """[{"op":"add","path":"/spec/x","value":{"a":[1]}},{"op":"move","from":"/spec/replicas","path":"/metadata/labels/x"},{"op":"test","path":"/kind","value":"Deployment"}]"""u8.ToArray(),
            bytes => Patched(bytes, node => JsonPatch.Apply(original, node)));
        var strategic = """
            {"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b"},{"name":"a","$patch":"delete"}]}},
            "strategy":{"$retainKeys":["type"],"type":"Recreate"}},"metadata":{"$deleteFromPrimitiveList/finalizers":["x"],"labels":{"$patch":"replace"}}}
            """;
        Mutate(Encoding.UTF8.GetBytes(strategic), bytes => Patched(bytes, node => StrategicMergePatch.Apply(original, node, Deployment)));
        Mutate(Encoding.UTF8.GetBytes(strategic), bytes => Patched(bytes, node => JsonMergePatch.Apply(original, node)));
    }

    [Fact]
    public void Configurations_are_applied_or_refused()
    {
        var manager = new FieldManager("me", "apps/v1", "", DateTimeOffset.UnixEpoch, ["status"]);
        var live = ServerSideApply.Apply(null, JsonNode.Parse(Manifest)!.AsObject(), Deployment, manager, force: false).Object!;
        Mutate(Manifest, bytes =>
        {
            if (JsonCodec.TryParse(bytes, out var node, out _) && node is JsonObject configuration)
            {
                var result = ServerSideApply.Apply(live, configuration, Deployment, manager with { Name = "other" }, force: false);
                Assert.True(result.Object is not null || result.Error is not null || result.Conflicts.Count > 0);
            }
        });
    }

    [Fact]
    public void Managed_fields_a_client_broke_do_no_harm()
    {
        var live = JsonCodec.Decode(Manifest, Deployment).Object!;
        ServerSideApply.TrackUpdate(null, live, Deployment, new("a", "apps/v1", "", DateTimeOffset.UnixEpoch, []));
        Mutate(JsonCodec.Encode(live), bytes =>
        {
            if (JsonCodec.Decode(bytes, Deployment).Object is { } updated)
            {
                ServerSideApply.TrackUpdate(live, updated, Deployment, new("b", "apps/v1", "", DateTimeOffset.UnixEpoch, []));
                var again = ServerSideApply.Apply(updated, JsonNode.Parse(Manifest)!.AsObject(), Deployment, new("c", "apps/v1", "", DateTimeOffset.UnixEpoch, []), force: true);
                Assert.NotNull(again.Object);
            }
        });
    }

    [Fact]
    public void Selectors_and_quantities_are_parsed_or_refused()
    {
        Mutate("a in (b,c),!d,e!=f,g>1"u8.ToArray(), static bytes =>
            Assert.Equal(LabelSelector.TryParse(Encoding.UTF8.GetString(bytes), out _, out var error), error is null));
        Mutate("metadata.name=a\\,b,status.phase!=c"u8.ToArray(), static bytes =>
            Assert.Equal(FieldSelector.TryParse(Encoding.UTF8.GetString(bytes), out _, out var error), error is null));
        foreach (var text in (ReadOnlySpan<string>)["1.5Gi", "-12e6", "100m"])
        {
            Mutate(Encoding.UTF8.GetBytes(text), static bytes =>
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

    private static void Mutate(byte[] seed, Action<byte[]> run)
    {
        var random = new Random(seed.Length);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Mutated(seed, random);
            try
            {
                run(bytes);
            }
            catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"input {i} (base64 {Convert.ToBase64String(bytes)}): {failure}");
            }
        }
    }

    private static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)"{}[]\":,0-.e\\ntf\0"[random.Next(16)];
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                case 4:
                    // A value of another type, where there was a text or a number.
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }

            if (bytes.Count == 0)
            {
                return [];
            }
        }

        return [.. bytes];
    }
}
