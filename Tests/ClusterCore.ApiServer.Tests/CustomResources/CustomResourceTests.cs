using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Tests.Watching;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.CustomResources;

[Collection(ServerCollection.Name)]
public sealed class CustomResourceTests(RunningServer server)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private static string Definition(string plural, string kind) => """
        {"metadata":{"name":"PLURAL.example.com"},"spec":{"group":"example.com","scope":"Namespaced",
         "names":{"plural":"PLURAL","singular":"SINGULAR","kind":"KIND"},
         "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.size"}},
          "additionalPrinterColumns":[{"name":"Size","type":"integer","jsonPath":".spec.size"}],
          "schema":{"openAPIV3Schema":{"type":"object","properties":{
           "spec":{"type":"object","required":["color"],"properties":{
            "color":{"type":"string","enum":["red","green"]},"size":{"type":"integer","minimum":1,"default":3},
            "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}}}},
           "status":{"type":"object","properties":{"size":{"type":"integer"}}}}}}}]}}
        """.Replace("PLURAL", plural, StringComparison.Ordinal).Replace("SINGULAR", kind.ToLowerInvariant(), StringComparison.Ordinal).Replace("KIND", kind, StringComparison.Ordinal);

    private async Task<string> DefineAsync(string plural, string kind)
    {
        await server.CreateAsync(Definitions, Definition(plural, kind));
        var path = $"/apis/example.com/v1/namespaces/default/{plural}";
        await Eventually.TrueAsync(async () => (await server.GetAsync(path)).Code == 200, "the resource is served");
        return path;
    }

    [Fact]
    public async Task What_is_defined_is_served_discovered_and_described()
    {
        await DefineAsync("apples", "Apple");
        var discovered = (await server.GetAsync("/apis/example.com/v1")).Json["resources"]!.AsArray().Single(static one => one!["name"]!.ToString() == "apples")!;
        Assert.Equal("ojISGEf5ApA=", discovered["storageVersionHash"]!.ToString());
        Assert.Contains("com.example.v1.Apple", (await server.GetAsync("/openapi/v3/apis/example.com/v1")).Text, StringComparison.Ordinal);
        Assert.Equal("Established", (await server.GetAsync($"{Definitions}/apples.example.com"))["status.conditions.1.type"]);
    }

    [Fact]
    public async Task What_keeps_unknown_fields_names_none_in_openapi_v2()
    {
        var open = Definition("whortleberries", "Whortleberry").Replace(
            """{"openAPIV3Schema":{"type":"object",""", """{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true,""", StringComparison.Ordinal);
        await server.CreateAsync(Definitions, open);
        JsonNode? published = null;
        await Eventually.TrueAsync(
            async () => (published = (await server.GetAsync("/openapi/v2")).Json["definitions"]!["com.example.v1.Whortleberry"]) is not null, "the kind is published");
        Assert.Equal("""{"type":"object","x-kubernetes-group-version-kind":[{"group":"example.com","version":"v1","kind":"Whortleberry"}]}""", published!.ToJsonString());
    }

    [Fact]
    public async Task Who_defines_rules_in_CEL_is_warned_that_nothing_evaluates_them()
    {
        var ruled = Definition("quinces", "Quince").Replace("""{"type":"integer","minimum":1,"default":3}""", """{"type":"integer","x-kubernetes-validations":[{"rule":"self > 1"}]}""", StringComparison.Ordinal);

        var made = await server.CreateAsync(Definitions, ruled);

        Assert.Equal(201, made.Code);
        Assert.Contains("spec.versions[0].schema: x-kubernetes-validations", Assert.Single(made.Warnings), StringComparison.Ordinal);
        Assert.Empty((await server.CreateAsync(Definitions, Definition("medlars", "Medlar"))).Warnings);
    }

    [Fact]
    public async Task Who_asks_for_a_format_that_nobody_knows_is_warned_once()
    {
        var odd = Definition("sloes", "Sloe").Replace("""{"type":"integer","minimum":1,"default":3}""", """{"type":"string","format":"size"}""", StringComparison.Ordinal);
        Assert.Contains("unrecognized format \\\"size\\\"", Assert.Single((await server.CreateAsync(Definitions, odd)).Warnings), StringComparison.Ordinal);
        Assert.Empty((await server.PatchAsync($"{Definitions}/sloes.example.com", """{"metadata":{"labels":{"a":"b"}}}""")).Warnings);
    }

    [Fact]
    public async Task A_definition_whose_webhook_cannot_be_trusted_is_served_once_it_can()
    {
        var definition = JsonNode.Parse(Definition("damsons", "Damson"))!;
        definition["spec"]!["conversion"] = JsonNode.Parse(
            """{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":{"url":"https://example.com","caBundle":"Cg=="}}}""");
        await server.CreateAsync(Definitions, definition.ToJsonString());

        var waiting = await server.EventuallyAsync($"{Definitions}/damsons.example.com", static answer => answer["status.conditions.1.reason"].Length > 0);
        Assert.Equal(
            ("Established", "False", "InvalidCABundle", "The conversion webhook CABundle is invalid"),
            (waiting["status.conditions.1.type"], waiting["status.conditions.1.status"], waiting["status.conditions.1.reason"], waiting["status.conditions.1.message"]));
        Assert.Equal(404, (await server.GetAsync("/apis/example.com/v1/namespaces/default/damsons")).Code);

        await server.PatchAsync($"{Definitions}/damsons.example.com", """{"spec":{"conversion":{"webhook":{"clientConfig":{"caBundle":null}}}}}""");
        await server.EventuallyAsync($"{Definitions}/damsons.example.com", static answer => answer["status.conditions.1.reason"] == "InitialNamesAccepted");
        var refused = await server.PatchAsync($"{Definitions}/damsons.example.com", """{"spec":{"conversion":{"webhook":{"clientConfig":{"caBundle":"Cg=="}}}}}""");
        Assert.Equal(422, refused.Code);
        Assert.Contains("spec.conversion.webhookClientConfig.caBundle: Invalid value: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_object_keeps_its_kind_and_who_gives_it_a_finalizer_of_no_domain_is_warned_once()
    {
        await DefineAsync("bullaces", "Bullace");
        const string path = "/apis/example.com/v1/namespaces/default/bullaces";
        var made = await server.CreateAsync(path, """{"apiVersion":"example.com/v1","kind":"Bullace","metadata":{"name":"a","finalizers":["mine","example.com/mine"]}}""");
        Assert.Equal(201, made.Code);
        Assert.Contains("metadata.finalizers: \\\"mine\\\": prefer a domain-qualified finalizer name including a path (/)", Assert.Single(made.Warnings), StringComparison.Ordinal);
        Assert.Empty((await server.PatchAsync($"{path}/a", """{"metadata":{"labels":{"a":"b"}}}""")).Warnings);
        var other = await server.PatchAsync($"{path}/a", """{"kind":"Sloe"}""");
        Assert.Equal((422, "Bullace.example.com \"a\" is invalid: kind: Invalid value: \"Sloe\": must be Bullace"), (other.Code, other.Message));
        await server.PatchAsync($"{path}/a", """{"metadata":{"finalizers":null}}""");
    }

    [Fact]
    public async Task A_definition_waits_for_names_that_another_one_has()
    {
        await DefineAsync("rowans", "Rowan");
        var other = Definition("ashes", "Rowan");
        await server.CreateAsync(Definitions, other);

        var waiting = await server.EventuallyAsync($"{Definitions}/ashes.example.com", static answer => answer["status.conditions.0.reason"].Length > 0);
        Assert.Equal(
            ("NamesAccepted", "False", "ListKindConflict", "\"RowanList\" is already in use"),
            (waiting["status.conditions.0.type"], waiting["status.conditions.0.status"], waiting["status.conditions.0.reason"], waiting["status.conditions.0.message"]));
        Assert.Equal(
            ("Established", "False", "NotAccepted", "not all names are accepted"),
            (waiting["status.conditions.1.type"], waiting["status.conditions.1.status"], waiting["status.conditions.1.reason"], waiting["status.conditions.1.message"]));
        Assert.Equal(("ashes", "", ""), (waiting["status.acceptedNames.plural"], waiting["status.acceptedNames.kind"], waiting["status.acceptedNames.listKind"]));
        Assert.Equal(404, (await server.GetAsync("/apis/example.com/v1/namespaces/default/ashes")).Code);

        await server.DeleteAsync($"{Definitions}/rowans.example.com");
        var served = await server.EventuallyAsync($"{Definitions}/ashes.example.com", static answer => answer["status.conditions.1.status"] == "True");
        Assert.Equal(("True", "NoConflicts", "InitialNamesAccepted", "Rowan"),
            (served["status.conditions.0.status"], served["status.conditions.0.reason"], served["status.conditions.1.reason"], served["status.acceptedNames.kind"]));
        await server.EventuallyAsync("/apis/example.com/v1/namespaces/default/ashes", static answer => answer.Code == 200);
    }

    [Fact]
    public async Task A_short_name_that_is_taken_leaves_the_names_there_are()
    {
        await server.CreateAsync(Definitions, Definition("elders", "Elder").Replace("\"kind\":", "\"shortNames\":[\"el\"],\"kind\":", StringComparison.Ordinal));
        var elms = await DefineAsync("elms", "Elm");
        await server.PatchAsync($"{Definitions}/elms.example.com", """{"spec":{"names":{"shortNames":["el"]}}}""");

        var refused = await server.EventuallyAsync($"{Definitions}/elms.example.com", static answer => answer["status.conditions.0.status"] == "False");

        Assert.Equal(("ShortNamesConflict", "\"el\" is already in use"), (refused["status.conditions.0.reason"], refused["status.conditions.0.message"]));
        Assert.Equal(("True", ""), (refused["status.conditions.1.status"], refused["status.acceptedNames.shortNames.0"]));
        Assert.Equal(200, (await server.GetAsync(elms)).Code);
        Assert.Equal(1, (await server.GetAsync("/apis/example.com/v1")).Text.Split("\"shortNames\":[\"el\"]").Length - 1);
    }

    [Fact]
    public async Task A_definition_of_a_community_group_says_who_approved_it()
    {
        var protectedOne = Definition("firs", "Fir").Replace("example.com", "sigs.k8s.io", StringComparison.Ordinal);
        Assert.Equal("metadata.annotations[api-approved.kubernetes.io]", (await server.CreateAsync(Definitions, protectedOne))["details.causes.0.field"]);
        await server.CreateAsync(Definitions, protectedOne.Replace("\"name\":\"firs", "\"annotations\":{\"api-approved.kubernetes.io\":\"unapproved, a test\"},\"name\":\"firs", StringComparison.Ordinal));

        var made = await server.EventuallyAsync($"{Definitions}/firs.sigs.k8s.io", static answer => answer["status.conditions.2.type"].Length > 0);

        Assert.Equal(
            ("KubernetesAPIApprovalPolicyConformant", "False", "UnapprovedAnnotation", "not approved: \"unapproved, a test\""),
            (made["status.conditions.2.type"], made["status.conditions.2.status"], made["status.conditions.2.reason"], made["status.conditions.2.message"]));
    }

    [Fact]
    public async Task Versions_that_were_stored_are_remembered()
    {
        await DefineAsync("yews", "Yew");
        var path = $"{Definitions}/yews.example.com";
        var moved = await server.PatchAsync(
            path,
            """
            [{"op":"replace","path":"/spec/versions/0/storage","value":false},
             {"op":"add","path":"/spec/versions/1","value":{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}}]
            """,
            "json-patch+json");
        Assert.Equal(("v1", "v2"), (moved["status.storedVersions.0"], moved["status.storedVersions.1"]));

        var dropped = await server.PatchAsync(path, """[{"op":"remove","path":"/spec/versions/0"}]""", "json-patch+json");
        Assert.Equal((422, "status.storedVersions[0]"), (dropped.Code, dropped["details.causes.0.field"]));

        await server.PatchAsync($"{path}/status", """{"status":{"storedVersions":["v2"]}}""");
        Assert.Equal(200, (await server.PatchAsync(path, """[{"op":"remove","path":"/spec/versions/0"}]""", "json-patch+json")).Code);
    }

    [Fact]
    public async Task Unknown_fields_are_pruned_and_defaults_filled_in()
    {
        var pears = await DefineAsync("pears", "Pear");
        var made = await server.CreateAsync(pears, """{"metadata":{"name":"a"},"spec":{"color":"red","other":1}}""");
        Assert.Equal((201, "3", "", "1"), (made.Code, made["spec.size"], made["spec.other"], made["metadata.generation"]));
    }

    [Fact]
    public async Task Objects_stored_before_a_default_was_declared_are_shown_with_it()
    {
        var kiwis = await DefineAsync("kiwis", "Kiwi");
        await server.CreateAsync(kiwis, """{"metadata":{"name":"a"},"spec":{"color":"red"}}""");
        await using var old = await OpenWatch.StartAsync(server.Admin, $"{kiwis}?watch=1");
        Assert.Equal(("ADDED", "a"), await old.NextAsync());

        await server.PatchAsync(
            $"{Definitions}/kiwis.example.com",
            """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/ripe","value":{"type":"string","default":"soon"}}]""",
            "json-patch+json");

        await Eventually.TrueAsync(async () => (await server.GetAsync($"{kiwis}/a"))["spec.ripe"] == "soon", "the object has the default");
        Assert.Equal("soon", (await server.GetAsync(kiwis))["items.0.spec.ripe"]);
        Assert.Null(await old.TryNextAsync());
        await using var anew = await OpenWatch.StartAsync(server.Admin, $"{kiwis}?watch=1");
        Assert.Equal("soon", (await anew.NextEventAsync())["object"]!["spec"]!["ripe"]!.ToString());
        var generation = (await server.GetAsync($"{kiwis}/a"))["metadata.generation"];
        Assert.Equal(generation, (await server.PatchAsync($"{kiwis}/a", """{"metadata":{"labels":{"a":"b"}}}"""))["metadata.generation"]);
    }

    [Fact]
    public async Task Objects_stored_before_a_member_was_dropped_are_shown_without_it()
    {
        var dates = await DefineAsync("dates", "Date");
        await server.CreateAsync(dates, """{"metadata":{"name":"a","labels":{"kept":"yes"}},"spec":{"color":"red","tags":["x"]}}""");
        await server.PatchAsync(
            $"{Definitions}/dates.example.com",
            """[{"op":"remove","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/tags"},{"op":"remove","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/default"}]""",
            "json-patch+json");

        await Eventually.TrueAsync(async () => (await server.GetAsync($"{dates}/a"))["spec.tags"].Length == 0, "the member is gone");
        var listed = await server.GetAsync(dates);
        Assert.Equal(("", "red", "yes", "3"), (listed["items.0.spec.tags"], listed["items.0.spec.color"], listed["items.0.metadata.labels.kept"], listed["items.0.spec.size"]));
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{dates}?watch=1");
        Assert.Null((await watch.NextEventAsync())["object"]!["spec"]!["tags"]);
        var patched = await server.PatchAsync($"{dates}/a", """{"spec":{"color":"green"}}""");
        Assert.Equal((200, "green", ""), (patched.Code, patched["spec.color"], patched["spec.tags"]));
    }

    [Fact]
    public async Task Each_version_shows_the_members_it_knows()
    {
        var melons = await DefineAsync("melons", "Melon");
        await server.PatchAsync(
            $"{Definitions}/melons.example.com",
            """
            [{"op":"add","path":"/spec/versions/1","value":{"name":"v2","served":true,"storage":false,
              "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"color":{"type":"string"},"ripe":{"type":"boolean","default":true}}}}}}}}]
            """,
            "json-patch+json");
        var second = melons.Replace("/v1/", "/v2/", StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await server.GetAsync(second)).Code == 200, "the second version is served");
        await server.CreateAsync(melons, """{"metadata":{"name":"a"},"spec":{"color":"red","size":5}}""");

        var shown = await server.GetAsync($"{second}/a");
        Assert.Equal(("example.com/v2", "red", "", "true"), (shown["apiVersion"], shown["spec.color"], shown["spec.size"], shown["spec.ripe"]));
        Assert.Equal(("5", ""), ((await server.GetAsync($"{melons}/a"))["spec.size"], (await server.GetAsync($"{melons}/a"))["spec.ripe"]));
    }

    [Fact]
    public async Task A_dry_run_shows_what_would_be_kept()
    {
        var grapes = await DefineAsync("grapes", "Grape");
        var shown = await server.CreateAsync($"{grapes}?dryRun=All", """{"metadata":{"name":"a"},"spec":{"color":"red","other":1}}""");
        Assert.Equal((201, "3", "", ""), (shown.Code, shown["spec.size"], shown["spec.other"], shown["metadata.resourceVersion"]));
        Assert.Equal(404, (await server.GetAsync($"{grapes}/a")).Code);
    }

    [Fact]
    public async Task Patches_and_bodies_that_need_a_built_in_type_are_refused()
    {
        const string start = "the body of the request was in an unknown format - accepted media types include: ";
        var nuts = await DefineAsync("nuts", "Nut");
        await server.CreateAsync(nuts, """{"metadata":{"name":"a"},"spec":{"color":"red"}}""");
        foreach (var path in (string[])[$"{nuts}/a", $"{nuts}/a/status", $"{nuts}/a/scale"])
        {
            var strategic = await server.PatchAsync(path, "{}", "strategic-merge-patch+json");
            Assert.Equal(
                (415, "UnsupportedMediaType", $"{start}application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"),
                (strategic.Code, strategic.Reason, strategic.Message));
        }

        var protobuf = await RunningServer.SendAsync(server.Admin, HttpMethod.Post, nuts, "k8s", "application/vnd.kubernetes.protobuf");
        Assert.Equal((415, $"{start}application/json, application/yaml"), (protobuf.Code, protobuf.Message));
        var builtIn = await server.PatchAsync("/api/v1/namespaces/default", "{}", "unknown-patch+json");
        Assert.Equal((415, "415: Unsupported Media Type"), (builtIn.Code, builtIn.Message));
    }

    [Theory]
    [InlineData("""{"color":"blue"}""", "spec.color", "FieldValueNotSupported")]
    [InlineData("""{}""", "spec.color", "FieldValueRequired")]
    [InlineData("""{"color":"red","size":0}""", "spec.size", "FieldValueInvalid")]
    [InlineData("""{"color":"red","size":"x"}""", "spec.size", "FieldValueTypeInvalid")]
    [InlineData("""{"color":"red","tags":["a","a"]}""", "spec.tags[1]", "FieldValueDuplicate")]
    public async Task What_breaks_the_schema_is_refused_by_its_path(string spec, string field, string reason)
    {
        var plums = await DefineAsync("plums", "Plum");
        var refused = await server.CreateAsync(plums, """{"metadata":{"name":"a"},"spec":SPEC}""".Replace("SPEC", spec, StringComparison.Ordinal));
        Assert.Equal((422, field, reason), (refused.Code, refused["details.causes.0.field"], refused["details.causes.0.reason"]));
    }

    [Fact]
    public async Task Status_and_scale_are_parts_of_their_own()
    {
        var figs = await DefineAsync("figs", "Fig");
        var made = await server.CreateAsync(figs, """{"metadata":{"name":"a"},"spec":{"color":"red"},"status":{"size":9}}""");
        Assert.Equal(201, made.Code);
        Assert.Equal("", made["status.size"]);
        await server.PatchAsync($"{figs}/a/status", """{"status":{"size":2}}""");
        await server.PatchAsync($"{figs}/a/scale", """{"spec":{"replicas":8}}""");
        var scale = await server.GetAsync($"{figs}/a/scale");
        Assert.Equal(200, scale.Code);
        Assert.Equal(("8", "2"), (scale["spec.replicas"], scale["status.replicas"]));
        var table = await server.GetAsync($"{figs}/a", "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal(("Size", "8"), (table["columnDefinitions.1.name"], table["rows.0.cells.1"]));
    }

    [Fact]
    public async Task Columns_show_what_is_of_their_type()
    {
        await server.CreateAsync(Definitions, Definition("quincunxes", "Quincunx").Replace(
            """[{"name":"Size","type":"integer","jsonPath":".spec.size"}]""",
            """
            [{"name":"Size","type":"integer","jsonPath":".spec.size","format":"int32","priority":1},{"name":"Color","type":"string","jsonPath":".spec.color"},
             {"name":"Tags","type":"string","jsonPath":".spec.tags"},{"name":"Odd","type":"integer","jsonPath":".spec.color"},{"name":"None","type":"string","jsonPath":".spec.none"},
             {"name":"First","type":"string","jsonPath":".spec.tags[0]"},{"name":"Born","type":"date","jsonPath":".metadata.creationTimestamp"},{"name":"When","type":"date","jsonPath":".spec.color"}]
            """, StringComparison.Ordinal));
        const string quincunxes = "/apis/example.com/v1/namespaces/default/quincunxes";
        await server.EventuallyAsync(quincunxes, static answer => answer.Code == 200);
        await server.CreateAsync(quincunxes, """{"metadata":{"name":"a"},"spec":{"color":"red","size":5,"tags":["x","y"]}}""");

        var table = (await server.GetAsync(quincunxes, "application/json;as=Table;v=v1;g=meta.k8s.io")).Json;

        Assert.Equal(
            ["Name:string:name:0", "Size:integer:int32:1", "Color:string::0", "Tags:string::0", "Odd:integer::0", "None:string::0", "First:string::0", "Born:date::0", "When:date::0"],
            table["columnDefinitions"]!.AsArray().Select(static column => $"{column!["name"]}:{column["type"]}:{column["format"]}:{column["priority"]}"));
        var cells = table["rows"]![0]!["cells"]!.AsArray().Select(static cell => cell?.ToJsonString() ?? "null").ToArray();
        Assert.Equal(["\"a\"", "5", "\"red\"", "null", "null", "\"x\""], [.. cells[..3], .. cells[4..7]]);
        Assert.Equal("[\"x\",\"y\"]", table["rows"]![0]!["cells"]![3]!.ToString());
        Assert.EndsWith("s", table["rows"]![0]!["cells"]![7]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("<invalid>", table["rows"]![0]!["cells"]![8]!.ToString());
    }

    [Fact]
    public async Task Objects_are_selected_by_the_fields_their_definition_names()
    {
        await server.CreateAsync(Definitions, Definition("sorbs", "Sorb").Replace(
            "\"additionalPrinterColumns\"", "\"selectableFields\":[{\"jsonPath\":\".spec.color\"},{\"jsonPath\":\".spec.size\"}],\"additionalPrinterColumns\"", StringComparison.Ordinal));
        const string sorbs = "/apis/example.com/v1/namespaces/default/sorbs";
        await server.EventuallyAsync(sorbs, static answer => answer.Code == 200);
        foreach (var (name, spec) in ((string, string)[])[("a", """{"color":"red"}"""), ("b", """{"color":"green","size":7}"""), ("c", """{"color":"red","size":7}""")])
        {
            await server.CreateAsync(sorbs, $$"""{"metadata":{"name":"{{name}}"},"spec":{{spec}}}""");
        }

        Assert.Equal("a,c", await NamesAsync("spec.color=red"));
        Assert.Equal("c", await NamesAsync("spec.color=red,spec.size=7"));
        Assert.Equal("b", await NamesAsync("spec.color!=red"));
        Assert.Equal("a", await NamesAsync("spec.size=3"));
        Assert.Equal("b", await NamesAsync("metadata.name=b"));
        Assert.Equal((400, "BadRequest"), ((await server.GetAsync($"{sorbs}?fieldSelector=spec.tags%3Dx")).Code, (await server.GetAsync($"{sorbs}?fieldSelector=spec.tags%3Dx")).Reason));

        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{sorbs}?watch=1&fieldSelector=spec.color%3Dgreen");
        Assert.Equal(("ADDED", "b"), await watch.NextAsync());
        await server.PatchAsync($"{sorbs}/a", """{"spec":{"color":"green"}}""");
        Assert.Equal(("ADDED", "a"), await watch.NextAsync());
        await server.PatchAsync($"{sorbs}/b", """{"spec":{"color":"red"}}""");
        Assert.Equal(("DELETED", "b"), await watch.NextAsync());

        async Task<string> NamesAsync(string selector) => string.Join(
            ',', (await server.GetAsync($"{sorbs}?fieldSelector={Uri.EscapeDataString(selector)}")).Json["items"]!.AsArray().Select(static item => item!["metadata"]!["name"]!.ToString()));
    }

    [Fact]
    public async Task A_definition_takes_its_objects_with_it()
    {
        var limes = await DefineAsync("limes", "Lime");
        await server.CreateAsync(limes, """{"metadata":{"name":"a"},"spec":{"color":"red"}}""");
        await server.DeleteAsync($"{Definitions}/limes.example.com");
        await Eventually.TrueAsync(async () => (await server.GetAsync(limes)).Code == 404, "the resource is gone");
        var again = await DefineAsync("limes", "Lime");
        Assert.Empty((await server.GetAsync(again)).Json["items"]!.AsArray());
    }

    /// <summary>As the manifests of large operators bring them: more changes, by their bytes, than a watcher holds.</summary>
    [Fact]
    public async Task Many_large_definitions_at_once_are_all_served()
    {
        await using var own = new RunningServer();
        await own.InitializeAsync();
        var schema = $$"""{"type":"object","description":"{{new string('x', 600_000)}}"}""";
        string[] plurals = [.. Enumerable.Range(0, 40).Select(number => $"crowd{number}s")];
        await Task.WhenAll(plurals.Select(plural => own.CreateAsync(Definitions, """
            {"metadata":{"name":"PLURAL.crowd.example.com"},"spec":{"group":"crowd.example.com","scope":"Cluster","names":{"plural":"PLURAL","kind":"PLURAL"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":SCHEMA}}]}}
            """.Replace("PLURAL", plural, StringComparison.Ordinal).Replace("SCHEMA", schema, StringComparison.Ordinal))));

        foreach (var plural in plurals)
        {
            await Eventually.TrueAsync(async () => (await own.GetAsync($"/apis/crowd.example.com/v1/{plural}")).Code == 200, $"{plural} are served");
        }
    }
}
