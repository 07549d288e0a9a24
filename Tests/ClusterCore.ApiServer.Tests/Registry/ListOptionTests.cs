namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

/// <summary>Which state a list shows, by resourceVersion, resourceVersionMatch, limit and continue.</summary>
[Collection(ServerCollection.Name)]
public sealed class ListOptionTests(RunningServer server) : IAsyncLifetime
{
    private readonly string ns = $"lists-{Guid.NewGuid():N}"[..20];
    private string before = "";
    private string after = "";

    private string Maps => $"/api/v1/namespaces/{ns}/configmaps";

    public async ValueTask InitializeAsync()
    {
        await server.CreateAsync("/api/v1/namespaces", $$$$"""{"metadata":{"name":"{{{{ns}}}}"}}""");
        foreach (var name in (string[])["a", "b", "c"]) { await server.CreateAsync(Maps, $$$$"""{"metadata":{"name":"{{{{name}}}}"}}"""); }
        before = (await server.GetAsync(Maps))["metadata.resourceVersion"];
        await server.CreateAsync(Maps, """{"metadata":{"name":"d"}}""");
        after = (await server.GetAsync(Maps))["metadata.resourceVersion"];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("", "abcd")]
    [InlineData("resourceVersion=0", "abcd")]
    [InlineData("resourceVersion=BEFORE", "abcd")]
    [InlineData("resourceVersion=BEFORE&resourceVersionMatch=NotOlderThan", "abcd")]
    [InlineData("resourceVersion=BEFORE&resourceVersionMatch=Exact", "abc")]
    [InlineData("resourceVersion=AFTER&resourceVersionMatch=Exact", "abcd")]
    [InlineData("limit=2", "ab")]
    [InlineData("limit=2&resourceVersion=0", "abcd")]
    [InlineData("limit=2&resourceVersion=0&resourceVersionMatch=NotOlderThan", "abcd")]
    [InlineData("limit=4&resourceVersion=BEFORE", "abc")]
    [InlineData("limit=4&resourceVersion=BEFORE&resourceVersionMatch=NotOlderThan", "abcd")]
    [InlineData("limit=2&resourceVersion=BEFORE&resourceVersionMatch=Exact", "ab")]
    [InlineData("fieldSelector=metadata.name=d", "d")]
    [InlineData("fieldSelector=metadata.name!=d&limit=2", "ab")]
    public async Task A_list_is_as_new_as_asked(string query, string names)
    {
        var list = await server.GetAsync($"{Maps}?{query.Replace("BEFORE", before, StringComparison.Ordinal).Replace("AFTER", after, StringComparison.Ordinal)}");
        Assert.Equal(names, Names(list));
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("resourceVersion=1&resourceVersionMatch=Odd", "resourceVersionMatch: Unsupported value: \"Odd\": supported values: \"Exact\", \"NotOlderThan\", \"\"")]
    [InlineData("sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    public async Task Options_that_contradict_each_other_are_refused(string query, string message)
    {
        var reply = await server.GetAsync($"{Maps}?{query}");
        Assert.Equal((422, $"ListOptions.meta.k8s.io \"\" is invalid: {message}"), (reply.Code, reply.Message));
    }

    [Fact]
    public async Task Pages_and_their_ends_add_up()
    {
        var first = await server.GetAsync($"{Maps}?limit=3");
        Assert.Equal(("abc", "1"), (Names(first), first["metadata.remainingItemCount"]));
        await server.CreateAsync(Maps, """{"metadata":{"name":"e"}}""");
        var second = await server.GetAsync($"{Maps}?limit=3&continue={first["metadata.continue"]}");
        Assert.Equal(("d", "", first["metadata.resourceVersion"]), (Names(second), second["metadata.continue"], second["metadata.resourceVersion"]));
        var refused = await server.GetAsync($"{Maps}?limit=3&continue={first["metadata.continue"]}&resourceVersion={after}");
        Assert.Equal(400, refused.Code);
    }

    [Theory]
    [InlineData("resourceVersion=abc", "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": invalid syntax")]
    [InlineData("resourceVersion=-1", "invalid resource version: resourceVersion: Invalid value: \"-1\": strconv.ParseUint: parsing \"-1\": invalid syntax")]
    [InlineData("resourceVersion=1&continue=TOKEN", "specifying resource version is not allowed when using continue")]
    [InlineData("continue=TOKEN&resourceVersion=0", null)]
    public async Task A_version_is_a_number_and_has_no_business_beside_a_continue_token(string query, string? message)
    {
        var token = (await server.GetAsync($"{Maps}?limit=1"))["metadata.continue"];
        var reply = await server.GetAsync($"{Maps}?{query.Replace("TOKEN", token, StringComparison.Ordinal)}");
        Assert.Equal((message is null ? 200 : 400, message ?? ""), (reply.Code, reply.Message));
    }

    [Fact]
    public async Task A_continue_token_that_is_too_old_brings_one_for_the_rest_as_it_is_now()
    {
        var first = await server.GetAsync($"{Maps}?limit=2");
        await server.CreateAsync(Maps, """{"metadata":{"name":"aa"}}""");
        await server.CreateAsync(Maps, """{"metadata":{"name":"e"}}""");
        await server.CompactAsync();
        var expired = await server.GetAsync($"{Maps}?limit=2&continue={first["metadata.continue"]}");
        Assert.Equal((410, "Expired", false), (expired.Code, expired.Reason, expired.Json.ContainsKey("details")));
        Assert.StartsWith("The provided continue parameter is too old to display a consistent list result.", expired.Message, StringComparison.Ordinal);
        Assert.Contains("use the continue token in this response to retrieve the remainder of the results", expired.Message, StringComparison.Ordinal);
        var rest = await server.GetAsync($"{Maps}?continue={expired["metadata.continue"]}");
        Assert.Equal((200, "cde"), (rest.Code, Names(rest)));
        Assert.NotEqual(first["metadata.resourceVersion"], rest["metadata.resourceVersion"]);
    }

    [Fact]
    public async Task What_remains_is_counted_however_long_the_page()
    {
        const int All = 1_001;
        await Parallel.ForAsync(4, All, async (i, _) => Assert.Equal(201, (await server.CreateAsync(Maps, $$$"""{"metadata":{"name":"m{{{i}}}"}}""")).Code));
        var (token, seen) = ("", 0);
        do
        {
            var page = await server.GetAsync($"{Maps}?limit=500&continue={token}");
            seen += page.Json["items"]!.AsArray().Count;
            Assert.Equal(seen == All ? "" : $"{All - seen}", page["metadata.remainingItemCount"]);
            token = page["metadata.continue"];
        }
        while (token.Length > 0);
        Assert.Equal(All, seen);
    }

    [Fact]
    public async Task A_continue_token_of_another_list_shows_nothing_that_this_one_would_not()
    {
        foreach (var start in (string[])["aaa/x", "zzz/x", "../secrets/", "..", "/", "a//b"])
        {
            var json = $$"""{"v":"meta.k8s.io/v1","rv":{{after}},"start":"{{start}}"}""";
            var reply = await server.GetAsync($"{Maps}?continue={System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json))}");
            Assert.Equal(start.Contains('x', StringComparison.Ordinal) ? 200 : 400, reply.Code);
            if (reply.Code == 200) { Assert.All(reply.Json["items"]!.AsArray(), item => Assert.Equal(ns, item!["metadata"]!["namespace"]!.ToString())); }
        }
    }

    [Fact]
    public async Task A_dry_run_of_a_deletion_deletes_nothing()
    {
        Assert.Equal(200, (await server.DeleteAsync($"{Maps}/a?dryRun=All")).Code);
        Assert.Equal(200, (await server.DeleteAsync($"{Maps}/a", """{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}""")).Code);
        Assert.Equal(200, (await server.DeleteAsync($"{Maps}?dryRun=All")).Code);
        Assert.Equal("abcd", Names(await server.GetAsync(Maps)));
    }

    [Fact]
    public async Task Discovery_and_openapi_are_sent_once()
    {
        foreach (var (path, accept) in (IEnumerable<(string, string)>)
            [("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"), ("/api", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"), ("/openapi/v3", "application/json"), ("/openapi/v2", "application/json")])
        {
            using var first = new HttpRequestMessage(HttpMethod.Get, path);
            first.Headers.TryAddWithoutValidation("Accept", accept);
            using var answer = await server.Admin.SendAsync(first);
            using var again = new HttpRequestMessage(HttpMethod.Get, path);
            again.Headers.TryAddWithoutValidation("Accept", accept);
            again.Headers.TryAddWithoutValidation("If-None-Match", answer.Headers.ETag!.ToString());
            using var unchanged = await server.Admin.SendAsync(again);
            Assert.Equal((200, 304, path), ((int)answer.StatusCode, (int)unchanged.StatusCode, path));
        }
    }

    [Theory]
    [InlineData("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/json")]
    [InlineData("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/vnd.kubernetes.protobuf")]
    public async Task Metadata_alone_comes_in_both_formats(string accept, string contentType)
    {
        var list = await server.GetAsync(Maps, accept);
        Assert.Equal((200, contentType), (list.Code, list.ContentType));
        Assert.Contains("PartialObjectMetadataList", list.Text, StringComparison.Ordinal);
    }

    private static string Names(Reply list) => string.Concat(list.Json["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.ToString()));
}
