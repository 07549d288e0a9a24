using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Resources.Tests.Patches;

public sealed class PatchTests
{
    private static readonly TypeSchema Deployment = ApiCatalog.Default.TypeOf("apps/v1", "Deployment")!;

    [Theory]
    [InlineData("{a: b}", "{a: c}", "{a: c}"), InlineData("{a: b}", "{b: c}", "{a: b, b: c}"), InlineData("{a: b}", "{a: null}", "{}")]
    [InlineData("{a: [b]}", "{a: c}", "{a: c}"), InlineData("{a: {b: c}}", "{a: {b: d, c: null}}", "{a: {b: d}}"), InlineData("{a: [1]}", "{a: [2]}", "{a: [2]}")]
    [InlineData("{}", "{a: {bb: {ccc: null}}}", "{a: {bb: {}}}"), InlineData("{e: null}", "{a: 1}", "{e: null, a: 1}")]
    public void Merge_patches_follow_the_rfc(string original, string patch, string expected)
    {
        var before = Trees.Yaml(original);
        Trees.Equal(Trees.Yaml(expected), JsonMergePatch.Apply(before, Trees.Yaml(patch)).Object);
        Trees.Equal(Trees.Yaml(original), before);
    }

    [Theory]
    [InlineData("{a: 1}", "[{op: add, path: /b, value: 2}]", "{a: 1, b: 2}")]
    [InlineData("{a: [1, 3]}", "[{op: add, path: /a/1, value: 2}, {op: add, path: /a/-, value: 4}]", "{a: [1, 2, 3, 4]}")]
    [InlineData("{a: 1, b: 2}", "[{op: remove, path: /a}]", "{b: 2}")]
    [InlineData("{a: {b: 1}}", "[{op: replace, path: /a/b, value: {c: 2}}]", "{a: {b: {c: 2}}}")]
    [InlineData("{a: {b: 1}, c: {}}", "[{op: move, from: /a/b, path: /c/d}]", "{a: {}, c: {d: 1}}")]
    [InlineData("{a: {b: 1}}", "[{op: copy, from: /a, path: /c}]", "{a: {b: 1}, c: {b: 1}}")]
    [InlineData("{a: 1}", "[{op: test, path: /a, value: 1}, {op: replace, path: /a, value: 2}]", "{a: 2}")]
    [InlineData("{'x/y': 1, 'm~n': 2}", "[{op: remove, path: /x~1y}, {op: remove, path: /m~0n}]", "{}")]
    [InlineData("{a: 1}", "[{op: replace, path: /b, value: 2}]", "{a: 1, b: 2}")]
    [InlineData("{a: {c: 1}}", "[{op: test, path: /a/b, value: null}, {op: copy, from: /a/b, path: /d}, {op: add, path: /e}]", "{a: {c: 1}, d: null, e: null}")]
    [InlineData("{a: [1, 2]}", "[{op: add, path: /a/-1, value: 3}, {op: remove, path: /a/-3}]", "{a: [2, 3]}")]
    public void Json_patches_follow_the_rfc_as_upstreams_library_reads_it(string original, string patch, string expected) =>
        Trees.Equal(Trees.Yaml(expected), JsonPatch.Apply(Trees.Yaml(original), Trees.Yaml($"{{p: {patch}}}")["p"]).Object);

    [Theory]
    [InlineData("[{op: remove, path: /x}]", 422, "remove operation does not apply: Unable to remove nonexistent key: x: missing value")]
    [InlineData("[{op: test, path: /a, value: 2}]", 422, "testing value /a failed: test failed")]
    [InlineData("[{op: replace, path: /x/y, value: 1}]", 422, "replace operation does not apply: doc is missing path: /x/y: missing value")]
    [InlineData("[{op: add, path: '', value: {}}]", 422, "add operation does not apply: doc is missing path: \"\": missing value")]
    [InlineData("[{op: test, path: /m/x, value: {}}]", 422, "testing value /m/x failed: test failed")]
    [InlineData("[{op: remove, path: /l/-2}]", 422, "remove operation does not apply: doc is missing path: \"/l/-2\": Unable to access invalid index: -2")]
    [InlineData("[{op: add, path: /x/y, value: 1}]", 422, "add operation does not apply: doc is missing path: \"/x/y\": missing value")]
    [InlineData("[{op: add, path: /l/5, value: 1}]", 422, "add operation does not apply: doc is missing path: \"/l/5\": Unable to access invalid index: 5")]
    [InlineData("[{op: shout, path: /a}]", 422, "Unexpected kind: shout")]
    [InlineData("{a: 1}", 400, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")]
    [InlineData("[{op: move, from: /m, path: /m/x}]", 422, "move operation does not apply: a value cannot move into itself")]
    public void A_json_patch_that_does_not_apply_is_refused(string patch, int status, string expected)
    {
        var result = JsonPatch.Apply(Trees.Yaml("{a: 1, l: [1], m: {}}"), Trees.Yaml($"{{p: {patch}}}")["p"]);
        Assert.Equal((status, expected), (result.StatusCode, result.Error));
        Assert.Null(result.Object);
    }

    [Fact]
    public void Patch_bombs_are_refused()
    {
        var doubling = new JsonArray([.. Enumerable.Range(0, 40).Select(static _ => (JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = "/a/-" })]);
        Assert.Equal(422, JsonPatch.Apply(Trees.Parse("""{"a":["0123456789"]}"""), doubling).StatusCode);
        var deepening = new JsonArray([.. Enumerable.Range(0, 900).Select(static _ => (JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = "/a/x" })]);
        Assert.Equal(422, JsonPatch.Apply(Trees.Parse("""{"a":{}}"""), deepening).StatusCode);
        var many = new JsonArray([.. Enumerable.Range(0, 10_001).Select(static _ => (JsonNode)new JsonObject { ["op"] = "test", ["path"] = "/a" })]);
        Assert.Equal(413, JsonPatch.Apply(Trees.Parse("""{"a":null}"""), many).StatusCode);
    }

    public static TheoryData<string> StrategicCases() =>
        [.. Directory.GetFiles(RepositoryFolder.Path("Tests/ClusterCore.Resources.Tests/Patches/Strategic"), "*.yaml").Select(static file => Path.GetFileNameWithoutExtension(file)).Order()];

    [Theory, MemberData(nameof(StrategicCases))]
    public void Strategic_merge_patches_merge_lists_by_their_keys(string name)
    {
        var golden = Trees.Yaml(File.ReadAllText(RepositoryFolder.Path($"Tests/ClusterCore.Resources.Tests/Patches/Strategic/{name}.yaml")));
        var result = StrategicMergePatch.Apply(golden.Object("original")!, golden["patch"], Deployment);
        Assert.Equal(golden.Text("error"), result.Error);
        Trees.Equal(golden["result"], result.Object);
    }
}
