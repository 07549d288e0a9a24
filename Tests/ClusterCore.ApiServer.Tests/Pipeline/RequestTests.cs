namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

[Collection(ServerCollection.Name)]
public sealed class RequestTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Theory, InlineData("/healthz"), InlineData("/livez"), InlineData("/readyz")]
    public async Task Health_needs_no_credentials(string path)
    {
        using var nobody = server.WithToken(null);
        var reply = await RunningServer.SendAsync(nobody, HttpMethod.Get, path, null, "");
        Assert.Equal((200, "ok"), (reply.Code, reply.Text));
    }

    [Fact]
    public async Task Checks_are_listed_on_demand() =>
        Assert.Contains("[+]etcd ok", (await server.GetAsync("/readyz?verbose")).Text, StringComparison.Ordinal);

    [Theory, InlineData("/api/v1/nodes"), InlineData("/apis"), InlineData("/metrics")]
    public async Task Everything_else_needs_credentials(string path)
    {
        using var nobody = server.WithToken(null);
        var reply = await RunningServer.SendAsync(nobody, HttpMethod.Get, path, null, "");
        Assert.Equal((401, "Unauthorized"), (reply.Code, reply.Reason));
    }

    [Theory]
    [InlineData("/api/v1/nonsense"), InlineData("/apis/nonsense.io/v1"), InlineData("/apis/apps/v1/namespaces/default/configmaps"), InlineData("/nonsense")]
    public async Task Unknown_paths_are_not_found(string path)
    {
        var reply = await server.GetAsync(path);
        Assert.Equal((404, "the server could not find the requested resource"), (reply.Code, reply.Message));
    }

    [Theory]
    [InlineData("HEAD", "/api/v1/pods"), InlineData("HEAD", "/apis"), InlineData("POST", "/api"), InlineData("PUT", "/version"), InlineData("DELETE", "/apis/apps/v1")]
    [InlineData("POST", "/api/v1/namespaces/default"), InlineData("OPTIONS", "/api/v1/namespaces")]
    public async Task What_a_path_does_not_do_is_not_allowed(string method, string path)
    {
        var reply = await RunningServer.SendAsync(server.Admin, HttpMethod.Parse(method), path, null, "");
        Assert.Equal(405, reply.Code);
        if (method != "HEAD") { Assert.Equal("{}", reply.Json["details"]!.ToJsonString()); }
    }

    [Theory]
    [InlineData("image/png", 406, "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData("application/json;as=Table;v=v9;g=meta.k8s.io", 406, "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    public async Task What_cannot_be_had_in_no_way_is_not_acceptable(string accept, int code, string message)
    {
        var reply = await server.GetAsync(Maps, accept);
        Assert.Equal((code, message), (reply.Code, reply.Message));
    }

    [Fact]
    public async Task Refusals_come_in_yaml_to_whom_reads_yaml()
    {
        var reply = await server.GetAsync($"{Maps}/none", "application/yaml");
        Assert.Equal((404, "application/yaml"), (reply.Code, reply.ContentType));
        Assert.Contains("reason: NotFound", reply.Text, StringComparison.Ordinal);
    }

    [Theory, InlineData("{"), InlineData("[]"), InlineData("{\"metadata\":1}"), InlineData("nonsense")]
    public async Task Malformed_bodies_are_bad_requests(string body)
    {
        var reply = await server.CreateAsync(Maps, body);
        Assert.Equal((400, "BadRequest"), (reply.Code, reply.Reason));
    }

    [Theory]
    [InlineData("{\"metadata\":1}", "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.metadata of type v1.ObjectMeta")]
    [InlineData("{\"kind\":\"Secret\",\"apiVersion\":\"v1\"}", "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion")]
    [InlineData("{\"kind\":\"Nothing\",\"apiVersion\":\"v1\"}", "Nothing in version \"v1\" cannot be handled as a ConfigMap: no kind \"Nothing\" is registered for version \"v1\"")]
    [InlineData("nonsense", "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'o' in literal null (expecting 'u')")]
    [InlineData("nonsense", " (6e6f6e73656e7365)")]
    public async Task What_cannot_be_decoded_says_what_it_was_taken_for(string body, string expected) =>
        Assert.Contains(expected, (await server.CreateAsync(Maps, body)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Strict_validation_says_what_the_body_was_taken_for()
    {
        var body = await server.CreateAsync($"{Maps}?fieldValidation=Strict", """{"metadata":{"name":"strict"},"daata":{}}""");
        Assert.Equal((400, "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"daata\""), (body.Code, body.Message));
        await server.CreateAsync(Maps, """{"metadata":{"name":"strictly-patched"}}""");
        var patch = await server.PatchAsync($"{Maps}/strictly-patched?fieldValidation=Strict", """{"daata":{}}""");
        Assert.Equal((422, "patch"), (patch.Code, patch["details.causes.0.field"]));
        Assert.EndsWith("strict decoding error: unknown field \"daata\"", patch.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "dryRun=Some", "CreateOptions", "dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"")]
    [InlineData("PUT", "dryRun=All&dryRun=Some", "UpdateOptions", "dryRun: Unsupported value: [\"All\",\"Some\"]: supported values: \"All\"")]
    [InlineData("POST", "fieldValidation=Odd", "CreateOptions", "fieldValidation: Unsupported value: \"Odd\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"")]
    [InlineData("PUT", "fieldManager=a%07b", "UpdateOptions", "fieldManager: Invalid value: \"a\\ab\": invalid character U+0007 (at position 1)")]
    [InlineData("POST", "fieldManager=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "CreateOptions", "fieldManager: Too long: may not be more than 128 bytes")]
    [InlineData("PATCH", "force=true&dryRun=Some", "PatchOptions", "[force: Forbidden: may not be specified for non-apply patch, dryRun: Unsupported value: [\"Some\"]: supported values: \"All\"]")]
    [InlineData("DELETE", "propagationPolicy=Orphan&orphanDependents=true", "DeleteOptions", "propagationPolicy: Invalid value: \"Orphan\": orphanDependents and deletionPropagation cannot be both set")]
    [InlineData("DELETE", "propagationPolicy=Odd", "DeleteOptions", "propagationPolicy: Unsupported value: \"Odd\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"")]
    public async Task Options_of_a_write_are_checked_before_what_is_written(string method, string query, string kind, string error)
    {
        var path = method == "POST" ? Maps : $"{Maps}/options-absent";
        var reply = await RunningServer.SendAsync(
            server.Admin, new(method), $"{path}?{query}", method == "DELETE" ? null : "{", method == "PATCH" ? "application/merge-patch+json" : "application/json");
        Assert.Equal((422, $"{kind}.meta.k8s.io \"\" is invalid: {error}"), (reply.Code, reply.Message));
    }

    [Theory, InlineData("PUT"), InlineData("PATCH")]
    public async Task A_collection_is_not_written_over(string method)
    {
        var reply = await RunningServer.SendAsync(server.Admin, new(method), Maps, "{}", "application/merge-patch+json");
        Assert.Equal((405, "MethodNotAllowed"), (reply.Code, reply.Reason));
    }

    [Theory]
    [InlineData("labelSelector=a%20in%20b", "unable to parse requirement: found 'b' expected: '('")]
    [InlineData("fieldSelector=spec.nonsense%3D1", "\"spec.nonsense\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("fieldSelector=spec.nonsense%3D1", "field label not supported: spec.nonsense", "/api/v1/pods")]
    [InlineData("fieldSelector=spec.nonsense%3D1", "field label \"spec.nonsense\" not supported for batchv1.Job", "/apis/batch/v1/jobs")]
    public async Task A_selector_that_cannot_be_read_is_explained_once(string query, string message, string path = Maps)
    {
        var reply = await server.GetAsync($"{path}?{query}");
        Assert.Equal((400, message), (reply.Code, reply.Message));
    }

    [Theory]
    [InlineData("abc", "invalid continue token: continue key is not valid: invalid character 'i'")]
    [InlineData("!", "invalid continue token: continue key is not valid: illegal base64 data")]
    [InlineData("e30", "invalid continue token: continue key is not valid: server does not recognize this encoded version")]
    [InlineData("eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ", "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion")]
    [InlineData("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6IjEiLCJzdGFydCI6ImEifQ", "invalid continue token: continue key is not valid: incorrect encoded start resourceVersion")]
    public async Task A_continue_token_of_ones_own_making_is_refused(string token, string message)
    {
        var reply = await server.GetAsync($"{Maps}?limit=1&continue={token}");
        Assert.Equal(400, reply.Code);
        Assert.StartsWith(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_says_what_is_emulated()
    {
        var version = await server.GetAsync("/version");
        Assert.Equal(
            ("1", "36", "1", "36", "1", "35"),
            (version["major"], version["minor"], version["emulationMajor"], version["emulationMinor"], version["minCompatibilityMajor"], version["minCompatibilityMinor"]));
        Assert.StartsWith("v1.36.", version["gitVersion"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[{\"op\":\"remove\",\"path\":\"/x\"}]", "json-patch+json", 422, "the server rejected our request due to an error in our request")]
    [InlineData("{}", "json-patch+json", 400, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")]
    [InlineData("[]", "merge-patch+json", 400, "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("\"x\"", "strategic-merge-patch+json", 400, "json: cannot unmarshal string into Go value of type map[string]interface {}")]
    [InlineData("{\"data\":1}", "merge-patch+json", 422, " \"\" is invalid: patch: Invalid value: \"{\\\"")]
    [InlineData("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":1}", "apply-patch+yaml", 400, "failed to create typed patch object (/; /v1, Kind=ConfigMap): .metadata: expected map, got &{1}")]
    [InlineData("{\"apiVersion\":\"v1\",\"kind\":\"Secret\"}", "apply-patch+yaml", 400, "invalid object type: /v1, Kind=Secret")]
    [InlineData("", "apply-patch+yaml", 400, "invalid object type: /, Kind=")]
    [InlineData("[]", "apply-patch+yaml", 400, "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("{\"metadata\":{\"name\":\"other\"}}", "merge-patch+json", 400, "the name of the object (other) does not match the name on the URL (unpatched)")]
    [InlineData("{\"metadata\":null}", "strategic-merge-patch+json", 400, "the name of the object (unpatched based on URL) was undeterminable: name must be provided")]
    [InlineData("{\"metadata\":{\"uid\":\"x\"}}", "merge-patch+json", 422, "ConfigMap \"unpatched\" is invalid: metadata.uid: Invalid value: \"x\": field is immutable")]
    [InlineData("{\"metadata\":{\"deletionTimestamp\":\"2001-01-01T00:00:00Z\"}}", "merge-patch+json", 422, "ConfigMap \"unpatched\" is invalid: metadata.deletionTimestamp: Invalid value: \"2001-01-01T00:00:00Z\": field is immutable")]
    [InlineData("{bad", "strategic-merge-patch+json", 400, "invalid character 'b' looking for beginning of object key string")]
    [InlineData("{}", "odd-patch+json", 415, "415: Unsupported Media Type")]
    public async Task A_patch_that_does_not_fit_is_refused_in_upstreams_words(string patch, string type, int code, string message)
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"unpatched"}}""");
        var reply = await server.PatchAsync($"{Maps}/unpatched?fieldManager=m", patch, type);
        Assert.Equal(code, reply.Code);
        Assert.StartsWith(message, reply.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"x"}}""", "\"map[spec:map[replicas:x]]\": unrecognized type: int32")]
    [InlineData("""{"spec":{"template":1}}""", "\"map[spec:map[template:1]]\": cannot restore struct from: int64")]
    [InlineData("""{"metadata":{"labels":[]}}""", "\"map[metadata:map[labels:[]]]\": cannot restore map from slice")]
    [InlineData("""{"metadata":{"labels":1,"labels":[]}}""", "\"map[metadata:map[labels:[]]]\": cannot restore map from slice")]
    public async Task A_strategic_patch_of_a_wrong_type_is_shown_as_go_shows_it(string patch, string message)
    {
        const string deployments = "/apis/apps/v1/namespaces/default/deployments";
        await server.CreateAsync(deployments, """
            {"metadata":{"name":"typed"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        var reply = await server.PatchAsync($"{deployments}/typed", patch, "strategic-merge-patch+json");
        Assert.Equal((422, $"Invalid value: {message}"), (reply.Code, reply["details.causes.0.message"]));
    }

    [Theory, InlineData("/nonsense"), InlineData("/api/v1/nonsense")]
    public async Task Some_refusals_have_empty_details(string path) =>
        Assert.Contains("\"details\":{}", (await server.GetAsync(path)).Text, StringComparison.Ordinal);

    [Theory, InlineData("policy/v1", 201), InlineData("policy/v1beta1", 201), InlineData("policy/v2", 400)]
    public async Task Evictions_come_in_the_version_of_old_clients_too(string version, int code)
    {
        var name = $"evicted-{version.Replace('/', '-')}";
        const string pods = "/api/v1/namespaces/default/pods";
        Assert.Equal(201, (await server.CreateAsync(pods, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"i"}]}}""")).Code);
        var eviction = $$$"""{"apiVersion":"{{{version}}}","kind":"Eviction","metadata":{"name":"{{{name}}}"}}""";
        Assert.Equal(code, (await server.CreateAsync($"{pods}/{name}/eviction", eviction)).Code);
    }

    [Fact]
    public async Task Text_of_a_secret_becomes_its_data()
    {
        var made = await server.CreateAsync(
            "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"texts"},"data":{"a":"YQ==","b":"Yg=="},"stringData":{"b":"c"}}""");
        Assert.Equal(("YQ==", "Yw==", false), (made["data.a"], made["data.b"], made.Json.ContainsKey("stringData")));
    }

    [Fact]
    public async Task Old_clients_get_openapi_v2_in_protobuf()
    {
        const string type = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
        var reply = await server.GetAsync("/openapi/v2", type);
        // Not the type they ask for: their parser of media types takes no "@".
        Assert.Equal((200, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"), (reply.Code, reply.ContentType));
        // Document.swagger, the first field: tag 0x0a, three bytes, "2.0".
        Assert.Equal([0x0a, 3, (byte)'2', (byte)'.', (byte)'0'], reply.Body[..5]);
    }

    [Fact]
    public async Task Bodies_over_the_limit_are_refused()
    {
        var reply = await server.CreateAsync(Maps, new string('x', 3 * 1024 * 1024 + 1));
        Assert.Equal(413, reply.Code);
    }

    [Fact]
    public async Task Deep_nesting_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);
        Assert.Equal(400, (await server.CreateAsync(Maps, $$"""{"metadata":{"name":"deep"},"data":{{deep}}}""")).Code);
    }

    [Fact]
    public async Task Unknown_formats_are_refused_both_ways()
    {
        var body = await RunningServer.SendAsync(server.Admin, HttpMethod.Post, Maps, "x", "application/cbor");
        Assert.Equal((415, "UnsupportedMediaType"), (body.Code, body.Reason));
        Assert.Equal(406, (await server.GetAsync(Maps, "application/cbor")).Code);
        var made = await RunningServer.SendAsync(server.Admin, HttpMethod.Post, Maps, """{"metadata":{"name":"unshown"}}""", "application/json", "application/cbor");
        Assert.Equal((406, 404), (made.Code, (await server.GetAsync($"{Maps}/unshown")).Code));
    }

    [Fact]
    public async Task Another_kind_is_refused()
    {
        var reply = await server.CreateAsync(Maps, """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x"}}""");
        Assert.Equal(400, reply.Code);
    }

    [Fact]
    public async Task Yaml_goes_in_and_out()
    {
        var made = await RunningServer.SendAsync(
            server.Admin, HttpMethod.Post, Maps, "metadata:\n  name: yaml\ndata:\n  key: value\n", "application/yaml", "application/yaml");
        Assert.Equal((201, "application/yaml"), (made.Code, made.ContentType));
        Assert.Contains("key: value", made.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Protobuf_comes_out_with_its_envelope()
    {
        var reply = await server.GetAsync("/api/v1/namespaces/default", "application/vnd.kubernetes.protobuf");
        Assert.Equal((200, "application/vnd.kubernetes.protobuf"), (reply.Code, reply.ContentType));
        Assert.Equal("k8s\0"u8.ToArray(), reply.Body[..4]);
    }

    [Fact]
    public async Task A_table_has_the_columns_of_its_kind()
    {
        var table = await server.GetAsync("/api/v1/namespaces/default", "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal(("Table", "Name", "Status", "Age"), (table["kind"], table["columnDefinitions.0.name"], table["columnDefinitions.1.name"], table["columnDefinitions.2.name"]));
        Assert.Equal(("default", "Active"), (table["rows.0.cells.0"], table["rows.0.cells.1"]));
        Assert.Equal("PartialObjectMetadata", table["rows.0.object.kind"]);
    }

    [Fact]
    public async Task Partial_metadata_leaves_the_rest_out()
    {
        var partial = await server.GetAsync("/api/v1/namespaces/default", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
        Assert.Equal(("PartialObjectMetadata", "default", ""), (partial["kind"], partial["metadata.name"], partial["status.phase"]));
    }

    [Fact]
    public async Task Discovery_comes_whole_or_in_parts()
    {
        var whole = await server.GetAsync("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json");
        Assert.Equal("APIGroupDiscoveryList", whole["kind"]);
        Assert.Contains("as=APIGroupDiscoveryList", whole.ContentType, StringComparison.Ordinal);
        Assert.Equal("APIGroupList", (await server.GetAsync("/apis"))["kind"]);
        Assert.Contains("\"deployments/scale\"", (await server.GetAsync("/apis/apps/v1")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1", "pods", "xPOwRZ+Yhw8="), InlineData("/apis/apps/v1", "deployments", "8aSe+NMegvE="), InlineData("/apis/autoscaling/v1", "horizontalpodautoscalers", "qwQve8ut294=")]
    [InlineData("/api/v1", "events", "r2yiGXH7wu8="), InlineData("/apis/events.k8s.io/v1", "events", "r2yiGXH7wu8=")]
    [InlineData("/api/v1", "pods/status", null), InlineData("/api/v1", "componentstatuses", null), InlineData("/apis/authorization.k8s.io/v1", "subjectaccessreviews", null)]
    public async Task Discovery_tells_the_version_that_objects_are_stored_in(string path, string resource, string? hash)
    {
        var resources = (await server.GetAsync(path)).Json["resources"]!.AsArray();
        Assert.Equal(hash, resources.Single(one => one!["name"]!.ToString() == resource)!["storageVersionHash"]?.ToString());
    }

    [Fact]
    public async Task Every_group_has_its_openapi_document()
    {
        var index = await server.GetAsync("/openapi/v3");
        var paths = index.Json["paths"]!.AsObject();
        Assert.Contains("apis/apps/v1", paths.Select(path => path.Key));
        var apps = await server.GetAsync(paths["apis/apps/v1"]!["serverRelativeURL"]!.ToString());
        Assert.Equal("3.0.0", apps["openapi"]);
        var schemas = apps.Json["components"]!["schemas"]!.AsObject();
        Assert.All(References(apps.Json), reference => Assert.True(schemas.ContainsKey(reference), reference));
    }

    private static IEnumerable<string> References(System.Text.Json.Nodes.JsonNode? node) => node switch
    {
        System.Text.Json.Nodes.JsonObject obj => obj.SelectMany(member => member.Key == "$ref" ? [member.Value!.ToString()["#/components/schemas/".Length..]] : References(member.Value)),
        System.Text.Json.Nodes.JsonArray list => list.SelectMany(References),
        _ => [],
    };
}
