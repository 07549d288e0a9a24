namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

/// <summary>Patches of every kind, apply among them.</summary>
[Collection(ServerCollection.Name)]
public sealed class PatchTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    private static string Map(string name) => $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"key":"1"}}""";

    [Theory]
    [InlineData("json-patch+json", """[{"op":"replace","path":"/data/key","value":"2"}]""")]
    [InlineData("merge-patch+json", """{"data":{"key":"2"}}""")]
    [InlineData("strategic-merge-patch+json", """{"data":{"key":"2"}}""")]
    public async Task Each_kind_of_patch_changes_a_field(string kind, string patch)
    {
        var name = "patched-" + kind.Split('-')[0];
        await server.CreateAsync(Maps, Map(name));
        Assert.Equal("2", (await server.PatchAsync($"{Maps}/{name}", patch, kind))["data.key"]);
    }

    [Fact]
    public async Task No_patch_makes_an_object_one_of_another_kind_or_namespace()
    {
        await server.CreateAsync(Maps, Map("stays"));
        var merged = await server.PatchAsync($"{Maps}/stays", """{"kind":"Secret"}""");
        Assert.Equal((422, "patch"), (merged.Code, merged["details.causes.0.field"]));
        Assert.EndsWith(": converting (v1.Secret) to (core.ConfigMap): unknown conversion", merged.Message, StringComparison.Ordinal);
        var unknown = await server.PatchAsync($"{Maps}/stays", """[{"op":"replace","path":"/apiVersion","value":"v2"}]""", "json-patch+json");
        Assert.Equal(422, unknown.Code);
        Assert.EndsWith(": no kind \"ConfigMap\" is registered for version \"v2\"", unknown.Message, StringComparison.Ordinal);
        var strategic = await server.PatchAsync($"{Maps}/stays", """{"kind":"Secret","data":{"key":"2"}}""", "strategic-merge-patch+json");
        Assert.Equal((200, "ConfigMap", "2"), (strategic.Code, strategic["kind"], strategic["data.key"]));
        var nameless = await server.PatchAsync($"{Maps}/stays", """{"kind":null,"apiVersion":null,"data":{"key":"3"}}""");
        Assert.Equal((200, "ConfigMap", "v1", "3"), (nameless.Code, nameless["kind"], nameless["apiVersion"], nameless["data.key"]));
        var moved = await server.PatchAsync($"{Maps}/stays", """{"metadata":{"namespace":"other"}}""");
        Assert.Equal((400, "the namespace of the provided object does not match the namespace sent on the request"), (moved.Code, moved.Message));
        var emptied = await server.PatchAsync($"{Maps}/stays", """{"metadata":null}""");
        Assert.Equal((422, "ConfigMap \"\" is invalid: metadata.name: Invalid value: \"\": field is immutable"), (emptied.Code, emptied.Message));
        var broken = await server.PatchAsync($"{Maps}/stays", "{bad");
        Assert.Equal(400, broken.Code);
        Assert.StartsWith("error decoding patch: ", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_creates_updates_and_reports_conflicts()
    {
        const string configuration = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"applied"},"data":{"key":"1"}}""";
        var made = await server.PatchAsync($"{Maps}/applied?fieldManager=one", configuration, "apply-patch+yaml");
        Assert.Equal((201, "one"), (made.Code, made["metadata.managedFields.0.manager"]));
        var changed = configuration.Replace("\"1\"", "\"2\"", StringComparison.Ordinal);
        var conflict = await server.PatchAsync($"{Maps}/applied?fieldManager=two", changed, "apply-patch+yaml");
        Assert.Equal((409, "Apply failed with 1 conflict: conflict with \"one\": .data.key"), (conflict.Code, conflict.Message));
        Assert.Equal("FieldManagerConflict", conflict["details.causes.0.reason"]);
        var forced = await server.PatchAsync($"{Maps}/applied?fieldManager=two&force=true", changed, "apply-patch+yaml");
        Assert.Equal((200, "2"), (forced.Code, forced["data.key"]));
    }
}
