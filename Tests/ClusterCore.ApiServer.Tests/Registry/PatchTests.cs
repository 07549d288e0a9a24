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
        Assert.EndsWith(": no kind \"ConfigMap\" is registered for version \"v2\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"", unknown.Message, StringComparison.Ordinal);
        var strategic = await server.PatchAsync($"{Maps}/stays", """{"kind":"Secret","data":{"key":"2"}}""", "strategic-merge-patch+json");
        Assert.Equal((200, "ConfigMap", "2"), (strategic.Code, strategic["kind"], strategic["data.key"]));
        var nameless = await server.PatchAsync($"{Maps}/stays", """{"kind":null,"apiVersion":null,"data":{"key":"3"}}""");
        Assert.Equal((200, "ConfigMap", "v1", "3"), (nameless.Code, nameless["kind"], nameless["apiVersion"], nameless["data.key"]));
        var moved = await server.PatchAsync($"{Maps}/stays", """{"metadata":{"namespace":"other"}}""");
        Assert.Equal((400, "the namespace of the provided object does not match the namespace sent on the request"), (moved.Code, moved.Message));
        var emptied = await server.PatchAsync($"{Maps}/stays", """{"metadata":null}""");
        Assert.Equal((400, "the name of the object (stays based on URL) was undeterminable: name must be provided"), (emptied.Code, emptied.Message));
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

    [Theory]
    [InlineData("merge-patch+json", """{"data":{"key":"1","key":"2"}}""", "duplicate field \\\"data.key\\\"")]
    [InlineData("strategic-merge-patch+json", """{"data":{"key":"1","key":"2"}}""", "duplicate field \\\"data.key\\\"")]
    [InlineData("json-patch+json", """[{"op":"add","path":"/data/key","value":"1","value":"2"}]""", "json patch duplicate field \\\"[0].value\\\"")]
    [InlineData("apply-patch+yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {key: '1', key: '2'}", "line 3: key \\\"key\\\" already set in map")]
    public async Task Fields_given_twice_are_warned_of(string kind, string patch, string warning)
    {
        var path = $"{Maps}/twice-{kind.Split('+')[0]}";
        await server.CreateAsync(Maps, Map(path[(path.LastIndexOf('/') + 1)..]));
        var query = kind.StartsWith("apply", StringComparison.Ordinal) ? "fieldManager=m&force=true" : "fieldManager=m";
        var patched = await server.PatchAsync($"{path}?{query}", patch, kind);
        Assert.Equal((200, "2"), (patched.Code, patched["data.key"]));
        Assert.Contains(warning, Assert.Single(patched.Warnings), StringComparison.Ordinal);
        Assert.NotEqual(200, (await server.PatchAsync($"{path}?{query}&fieldValidation=Strict", patch, kind)).Code);
    }

    [Fact]
    public async Task What_admission_adds_belongs_to_nobody()
    {
        var pod = await server.CreateAsync("/api/v1/namespaces/default/pods", """{"metadata":{"name":"unowned"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        Assert.Equal(("0", "default"), (pod["spec.priority"], pod["spec.serviceAccountName"]));
        var owned = pod["metadata.managedFields"];
        Assert.Contains("f:restartPolicy", owned, StringComparison.Ordinal);
        foreach (var added in (string[])["f:priority", "f:serviceAccountName", "f:tolerations", "f:volumes"]) { Assert.DoesNotContain(added, owned, StringComparison.Ordinal); }
    }

    [Theory]
    [InlineData("/apis/apps/v1/namespaces/default/deployments", "2")]
    [InlineData("/apis/apps/v1/namespaces/default/daemonsets", "1")]
    public async Task Annotations_of_deployments_count_as_a_change(string path, string generation)
    {
        await server.CreateAsync(path, """
            {"metadata":{"name":"annotated"},"spec":{"selector":{"matchLabels":{"app":"x"}},
             "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"busybox"}]}}}}
            """);
        Assert.Equal(generation, (await server.PatchAsync($"{path}/annotated", """{"metadata":{"annotations":{"a":"b"}}}"""))["metadata.generation"]);
    }

    [Fact]
    public async Task Status_writes_change_the_metadata_of_some_kinds_too()
    {
        const string quotas = "/api/v1/namespaces/default/resourcequotas";
        const string meta = """{"metadata":{"labels":{"a":"b"},"finalizers":["example.com/hold"]}}""";
        await server.CreateAsync(quotas, """{"metadata":{"name":"marked"},"spec":{"hard":{"count/none.example.com":"1"}}}""");
        var quota = await server.PatchAsync($"{quotas}/marked/status", meta);
        Assert.Equal(("b", "example.com/hold"), (quota["metadata.labels.a"], quota["metadata.finalizers.0"]));
        const string attachments = "/apis/storage.k8s.io/v1/volumeattachments";
        await server.CreateAsync(attachments, """{"metadata":{"name":"unmarked"},"spec":{"attacher":"a","nodeName":"n","source":{"persistentVolumeName":"v"}}}""");
        var attachment = await server.PatchAsync($"{attachments}/unmarked/status", meta);
        Assert.Equal((200, "", ""), (attachment.Code, attachment["metadata.labels"], attachment["metadata.finalizers"]));
    }
}
