using System.Text;

namespace Flotilla.ClusterCore.Resources.Tests.Yaml;

public sealed class YamlCodecTests
{
    [Theory]
    [InlineData("a: yes", """{"a":"yes"}"""), InlineData("a: true", """{"a":true}"""), InlineData("a: ~", """{"a":null}"""), InlineData("a:", """{"a":null}""")]
    [InlineData("a: 0777", """{"a":511}"""), InlineData("a: 0x1F", """{"a":31}"""), InlineData("a: 1.5", """{"a":1.5}"""), InlineData("a: \"1\"", """{"a":"1"}""")]
    [InlineData("a: 1e3", """{"a":1000}"""), InlineData("a: 1.2.3", """{"a":"1.2.3"}"""), InlineData("1: b", """{"1":"b"}"""), InlineData("a: -5", """{"a":-5}""")]
    [InlineData("a: 2026-01-02", """{"a":"2026-01-02"}"""), InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}"""), InlineData("a: [1, {b: c}]", """{"a":[1,{"b":"c"}]}""")]
    [InlineData("x: &n {b: 1}\ny: *n", """{"x":{"b":1},"y":{"b":1}}"""), InlineData("x: &n {b: 1, c: 2}\ny: {<<: *n, c: 3}", """{"x":{"b":1,"c":2},"y":{"c":3,"b":1}}""")]
    [InlineData("{\"a\": 1}", """{"a":1}"""), InlineData("---\na: 1\n---\nb: 2", """{"a":1}"""), InlineData("a: 12345678901234567890", """{"a":12345678901234567890}""")]
    [InlineData("a: 08", """{"a":8}"""), InlineData("a: 1_000", """{"a":1000}"""), InlineData("a: 0o17", """{"a":15}"""), InlineData("a: .", """{"a":"."}""")]
    public void Yaml_is_read_as_kubernetes_reads_it(string yaml, string json) => Trees.Equal(Trees.Parse(json), Trees.Yaml(yaml));

    [Fact]
    public void Keys_given_twice_are_reported()
    {
        var result = YamlCodec.Decode("kind: ConfigMap\ndata:\n  a: x\n  a: y\n"u8, ApiCatalog.Default.TypeOf("v1", "ConfigMap"));
        Assert.Contains("yaml: unmarshal errors:\n  line 4: key \"a\" already set in map", result.FieldErrors);
        Assert.Equal("y", result.Object?["data"]?["a"]?.GetValue<string>());
    }

    [Theory]
    [InlineData("a: b: c"), InlineData("a: [1"), InlineData("a: *x"), InlineData("? [a]\n: b")]
    public void Broken_yaml_is_refused(string yaml)
    {
        Assert.False(YamlCodec.TryParse(Encoding.UTF8.GetBytes(yaml), out _, out var error));
        Assert.StartsWith("error converting YAML to JSON: yaml: line ", error);
    }

    [Fact]
    public void Ten_thousand_levels_and_multiplying_anchors_are_refused()
    {
        Assert.False(YamlCodec.TryParse(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[", 10_000))), out _, out var deep));
        Assert.Contains("exceeded max depth", deep);
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 12).Select(static i =>
            $"{(char)('a' + i)}: &{(char)('a' + i)} [{string.Join(',', Enumerable.Repeat($"*{(char)('a' + i - 1)}", 10))}]\n"));
        Assert.False(YamlCodec.TryParse(Encoding.UTF8.GetBytes(bomb), out _, out var error));
        Assert.Contains("excessive aliasing", error);
    }

    [Fact]
    public void An_anchor_inside_itself_is_refused()
    {
        Assert.False(YamlCodec.TryParse("a: &a [*a]"u8, out _, out var error));
        Assert.NotNull(error);
    }

    [Theory]
    [InlineData("yes"), InlineData("null"), InlineData("1"), InlineData("0x10"), InlineData(""), InlineData("a: b"), InlineData("- x"), InlineData("line\nline"), InlineData("2026-01-02T03:04:05Z"), InlineData(" pad "), InlineData("#x"), InlineData("\"q\""), InlineData("tab\there"), InlineData("1e3")]
    public void Texts_stay_texts_through_yaml(string text)
    {
        var obj = new System.Text.Json.Nodes.JsonObject { ["a"] = text, ["list"] = new System.Text.Json.Nodes.JsonArray(text, 1L, true, null, 1.5) };
        var yaml = YamlCodec.Encode(obj);
        Assert.True(YamlCodec.TryParse(yaml, out var back, out var error), error);
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(obj, back), Encoding.UTF8.GetString(yaml));
    }
}
