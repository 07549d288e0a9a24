using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests.Json;

public sealed class JsonCodecTests
{
    [Theory]
    [InlineData("""{"spec":{"foo":1}}""", "unknown field \"spec.foo\"")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a"},{"imagee":"b"}]}}}}""", "unknown field \"spec.template.spec.containers[1].imagee\"")]
    [InlineData("""{"spec":{"replicas":1,"replicas":2}}""", "duplicate field \"spec.replicas\"")]
    [InlineData("""{"metadata":{"labels":{"a":"1","a":"2"}}}""", "duplicate field \"metadata.labels.a\"")]
    [InlineData("""{"Spec":{}}""", "unknown field \"Spec\"")]
    public void Fields_that_are_unknown_or_given_twice_are_reported_with_their_path(string json, string expected)
    {
        var result = Trees.Decode(json, "apps/v1", "Deployment");
        Assert.NotNull(result.Object);
        Assert.Equal([expected], result.FieldErrors);
        Assert.Equal($"strict decoding error: {expected}", result.StrictError);
    }

    [Fact]
    public void The_last_of_two_duplicates_counts_and_unknown_fields_are_dropped()
    {
        var result = Trees.Decode("""{"spec":{"replicas":1,"replicas":2,"foo":{"bar":[1]}}}""", "apps/v1", "Deployment");
        Assert.Equal(2, result.Object?["spec"]?["replicas"]?.GetValue<long>());
        Assert.False(result.Object!["spec"]!.AsObject().ContainsKey("foo"));
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"x"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":1.5}}""", "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"env":[{"name":"a","value":1}]}]}}}}""",
        "json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string")]
    [InlineData("""{"spec":[]}""", "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""",
        "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [InlineData("""{"metadata":{"labels":{"a":true}}}""", "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string")]
    [InlineData("""[]""", "json: cannot unmarshal array into Go value of type v1.Deployment")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"1x"}}}]}}}}""",
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    public void A_value_of_the_wrong_type_is_refused_in_upstreams_words(string json, string expected)
    {
        var result = Trees.Decode(json, "apps/v1", "Deployment");
        Assert.Null(result.Object);
        Assert.Equal(expected, result.Error);
    }

    [Theory]
    [InlineData("", "unexpected end of JSON input")]
    [InlineData("{", "unexpected end of JSON input")]
    [InlineData("{\"a\":}", "invalid character '}' looking for beginning of value")]
    [InlineData("{}\n{}", "invalid character '{' after top-level value")]
    [InlineData("{\"a\":1,}", "invalid character '}' looking for beginning of object key string")]
    [InlineData("{\"a\" 1}", "invalid character '1' after object key")]
    [InlineData("{\"a\":1 \"b\"", "invalid character '\"' after object key:value pair")]
    [InlineData("{\"a\":[1 2]}", "invalid character '2' after array element")]
    [InlineData("{\"a\":trux}", "invalid character 'x' in literal true (expecting 'e')")]
    [InlineData("{\"a\":-}", "invalid character '}' in numeric literal")]
    [InlineData("{\"a\":1.}", "invalid character '}' after decimal point in numeric literal")]
    [InlineData("{\"a\":1ex}", "invalid character 'x' in exponent of numeric literal")]
    [InlineData("{\"a\":\"\\q\"}", "invalid character 'q' in string escape code")]
    [InlineData("{\"a\":\"\n\"}", "invalid character '\\n' in string literal")]
    [InlineData("\u00ef{}", "invalid character '\u00c3' looking for beginning of value")]
    [InlineData("{\"a\":'b'}", "invalid character '\\'' looking for beginning of value")]
    public void Broken_json_is_refused_in_upstreams_words(string json, string expected)
    {
        Assert.Equal(expected, Trees.Decode(json, "v1", "Pod").Error);
    }

    [Theory, InlineData("v1", "ConfigMap"), InlineData("apiextensions.k8s.io/v1", "CustomResourceDefinition")]
    public void Ten_thousand_levels_are_refused(string apiVersion, string kind)
    {
        foreach (var (open, close) in new[] { ("[", "]"), ("{\"a\":", "}") })
        {
            var json = "{\"x\":" + string.Concat(Enumerable.Repeat(open, 10_000)) + "1" + string.Concat(Enumerable.Repeat(close, 10_000)) + "}";
            Assert.Equal("exceeded max depth", Trees.Decode(json, apiVersion, kind).Error);
            Assert.Equal("exceeded max depth", JsonCodec.Decode(Encoding.UTF8.GetBytes(json), null).Error);
        }
    }

    [Fact]
    public void Texts_that_are_not_unicode_are_refused()
    {
        Assert.NotNull(Trees.Decode("""{"data":{"a":"\ud800"}}""", "v1", "ConfigMap").Error);
        Assert.NotNull(JsonCodec.Decode([.. "{\"data\":{\"a\":\""u8, 0xff, .. "\"}}"u8], ApiCatalog.Default.TypeOf("v1", "ConfigMap")).Error);
    }

    [Theory]
    [InlineData("0.5", "500m"), InlineData("\"1000m\"", "1"), InlineData("\"1024Mi\"", "1Gi"), InlineData("2", "2")]
    public void Quantities_become_canonical(string given, string expected)
    {
        var result = Trees.Decode("{\"spec\":{\"containers\":[{\"name\":\"a\",\"resources\":{\"limits\":{\"x\":" + given + "}}}]}}", "v1", "Pod");
        Assert.Equal(expected, result.Object?["spec"]?["containers"]?[0]?["resources"]?["limits"]?["x"]?.GetValue<string>());
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05+09:00", "2026-01-01T18:04:05Z"), InlineData("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05Z")]
    public void Times_become_utc_seconds(string given, string expected)
    {
        var result = Trees.Decode($$$"""{"metadata":{"creationTimestamp":"{{{given}}}"}}""", "v1", "Pod");
        Assert.Equal(expected, result.Object?["metadata"]?["creationTimestamp"]?.GetValue<string>());
    }

    [Fact]
    public void Nulls_and_empty_values_go_as_omitempty_has_them_go_and_structs_stay()
    {
        var result = Trees.Decode(
            """
            {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"a","labels":{},"creationTimestamp":null,"finalizers":[]},
             "spec":{"replicas":0,"minReadySeconds":0,"paused":false,"template":{"spec":{"containers":[{"name":"c","image":"","env":[]}]}}}}
            """, "apps/v1", "Deployment");
        Trees.Equal(
            Trees.Parse(
                """
                {"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"a"},
                 "spec":{"replicas":0,"strategy":{},"template":{"metadata":{},"spec":{"containers":[{"name":"c","resources":{}}]}}},"status":{}}
                """),
            result.Object);
    }

    [Fact]
    public void A_null_among_items_is_an_empty_one()
    {
        var pod = Trees.Decode("""{"metadata":{"labels":{"a":null},"finalizers":[null]},"spec":{"containers":[null],"overhead":{"cpu":null}}}""", "v1", "Pod").Object!;
        Assert.Equal("""{"labels":{"a":""},"finalizers":[""]}""", pod["metadata"]!.ToJsonString());
        Assert.Equal("""{"containers":[{"name":"","resources":{}}],"overhead":{"cpu":"0"}}""", pod["spec"]!.ToJsonString());
    }

    [Theory]
    [InlineData("YQ==", null), InlineData("YW\\nJj", null), InlineData("not base64!", 3), InlineData("YQ", 0), InlineData("YQ=", 3), InlineData("YQ=x", 2), InlineData("Y===", 1), InlineData("YWI=YQ==", 4)]
    public void What_is_no_base64_is_told_where(string text, int? at)
    {
        var result = Trees.Decode($$$"""{"data":{"a":"{{{text}}}"}}""", "v1", "Secret");
        Assert.Equal(at is null ? null : $"illegal base64 data at input byte {at}", result.Error);
        if (at is null) { Assert.DoesNotContain("\n", result.Object!["data"]!["a"]!.GetValue<string>(), StringComparison.Ordinal); }
    }

    [Theory]
    [InlineData("firstTimestamp", "2026", "parsing time \"2026\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"-\"")]
    [InlineData("firstTimestamp", "2026-13-01T00:00:00Z", "parsing time \"2026-13-01T00:00:00Z\": month out of range")]
    [InlineData("firstTimestamp", "2026-02-30T00:00:00Z", "parsing time \"2026-02-30T00:00:00Z\": day out of range")]
    [InlineData("firstTimestamp", "2026-01-01 00:00:00Z", "parsing time \"2026-01-01 00:00:00Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \" 00:00:00Z\" as \"T\"")]
    [InlineData("firstTimestamp", "2026-01-01T00:00:00.5Z", null)]
    [InlineData("firstTimestamp", "2026-01-01T00:00:00Zx", "parsing time \"2026-01-01T00:00:00Zx\": extra text: \"x\"")]
    [InlineData("eventTime", "2026-01-01T00:00:00.123456+09:00", null)]
    [InlineData("eventTime", "2026-01-01T00:00:00.5Z", "parsing time \"2026-01-01T00:00:00.5Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \".5Z\" as \".000000\"")]
    [InlineData("eventTime", "2026-01-01T00:00:00Z", "parsing time \"2026-01-01T00:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\"")]
    public void What_is_no_time_is_told_where(string field, string text, string? error) =>
        Assert.Equal(error, Trees.Decode($$"""{"{{field}}":"{{text}}"}""", "v1", "Event").Error);

    [Fact]
    public void Times_that_are_not_given_are_null()
    {
        var @event = Trees.Decode("""{"metadata":{"name":"a"},"series":{}}""", "v1", "Event").Object!;
        Assert.True(@event.ContainsKey("firstTimestamp") && @event["firstTimestamp"] is null);
        Assert.True(@event.ContainsKey("eventTime") && @event["series"]!.AsObject().ContainsKey("lastObservedTime"));
        Assert.False(@event["metadata"]!.AsObject().ContainsKey("creationTimestamp"));
    }

    [Fact]
    public void Without_a_schema_everything_is_kept()
    {
        const string json = """{"a":null,"b":[],"c":1.5,"d":9007199254740993,"e":{"f":""}}""";
        Assert.Equal(json, Encoding.UTF8.GetString(JsonCodec.Encode(JsonCodec.Decode(Encoding.UTF8.GetBytes(json), null).Object!)));
    }

    [Fact]
    public void The_stored_form_has_room_for_the_revision()
    {
        var obj = Trees.Parse("""{"metadata":{"name":"a","resourceVersion":"old"},"apiVersion":"v1","spec":{"x":null},"kind":"Pod"}""");
        var (bytes, stampAt) = JsonCodec.EncodeStored(obj);
        Assert.Equal("""{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"","name":"a"},"spec":{"x":null}}""", Encoding.UTF8.GetString(bytes));
        Assert.Equal((byte)'"', bytes[stampAt]);
        Assert.Equal("""{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":""", Encoding.UTF8.GetString(bytes, 0, stampAt - 1));
    }

    [Fact]
    public void Apiversion_and_kind_can_be_read_ahead()
    {
        Assert.Equal(("apps/v1", "Deployment"), JsonCodec.PeekTypeMeta("""{"metadata":{"kind":"no"},"kind":"Deployment","apiVersion":"apps/v1"}"""u8));
        Assert.Equal(("", ""), JsonCodec.PeekTypeMeta("[]"u8));
        Assert.Equal(("", "X"), JsonCodec.PeekTypeMeta("""{"kind":"X","""u8));
    }

    [Fact]
    public void Numbers_made_in_code_encode_like_those_that_were_read()
    {
        var obj = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Service", ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }) } };
        Assert.Equal(80, ProtobufCodec.Decode(ProtobufCodec.Encode(obj), null).Object?["spec"]?["ports"]?[0]?["port"]?.GetValue<long>());
    }
}
