using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Watching;

[Collection(ServerCollection.Name)]
public sealed class WatchTests(RunningServer server) : IAsyncLifetime
{
    private readonly string ns = $"watch-{Guid.NewGuid():N}"[..20];

    private string Maps => $"/api/v1/namespaces/{ns}/configmaps";

    public async ValueTask InitializeAsync() => await server.CreateAsync("/api/v1/namespaces", $$$$"""{"metadata":{"name":"{{{{ns}}}}"}}""");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<Reply> MakeAsync(string name, string label = "a") =>
        server.CreateAsync(Maps, $$$$"""{"metadata":{"name":"{{{{name}}}}","labels":{"group":"{{{{label}}}}"}}}""");

    [Fact]
    public async Task A_watch_without_a_version_starts_with_what_is_there()
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
        await MakeAsync("two");
        Assert.Equal(("ADDED", "two"), await watch.NextAsync());
    }

    [Theory, InlineData("configmaps"), InlineData("configmaps/one")]
    public async Task Watching_has_an_older_path_of_its_own(string path)
    {
        await MakeAsync("one");
        await MakeAsync("two");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"/api/v1/watch/namespaces/{ns}/{path}");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
        await server.PatchAsync($"{Maps}/two", """{"data":{"a":"b"}}""");
        await server.PatchAsync($"{Maps}/one", """{"data":{"a":"b"}}""");
        if (path == "configmaps") { Assert.Equal(("ADDED", "two"), await watch.NextAsync()); }
        if (path == "configmaps") { Assert.Equal(("MODIFIED", "two"), await watch.NextAsync()); }
        Assert.Equal(("MODIFIED", "one"), await watch.NextAsync());
    }

    [Fact]
    public async Task A_watch_from_a_version_tells_every_change_since_in_order()
    {
        var start = (await server.GetAsync(Maps))["metadata.resourceVersion"];
        await MakeAsync("one");
        await server.PatchAsync($"{Maps}/one", """{"data":{"a":"b"}}""");
        await server.DeleteAsync($"{Maps}/one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&resourceVersion={start}");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
        Assert.Equal(("MODIFIED", "one"), await watch.NextAsync());
        var deleted = await watch.NextEventAsync();
        Assert.Equal("DELETED", deleted["type"]!.ToString());
        var last = (await server.GetAsync(Maps))["metadata.resourceVersion"];
        Assert.True(long.Parse(deleted["object"]!["metadata"]!["resourceVersion"]!.ToString()) <= long.Parse(last));
    }

    [Fact]
    public async Task An_object_that_leaves_a_selector_is_deleted_for_its_watcher()
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&labelSelector=group%3Da");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
        await server.PatchAsync($"{Maps}/one", """{"metadata":{"labels":{"group":"b"}}}""");
        Assert.Equal(("DELETED", "one"), await watch.NextAsync());
        await server.PatchAsync($"{Maps}/one", """{"metadata":{"labels":{"group":"a"}}}""");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
    }

    [Fact]
    public async Task A_watch_list_ends_its_initial_events_with_a_bookmark()
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(
            server.Admin, $"{Maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
        var bookmark = await watch.NextEventAsync();
        Assert.Equal("BOOKMARK", bookmark["type"]!.ToString());
        Assert.Equal("true", bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.ToString());
        await MakeAsync("two");
        Assert.Equal(("ADDED", "two"), await watch.NextAsync());
    }

    [Fact]
    public async Task A_version_that_is_forgotten_is_gone_for_lists_and_watches()
    {
        await MakeAsync("one");
        var old = (await server.GetAsync(Maps))["metadata.resourceVersion"];
        await MakeAsync("two");
        await server.CompactAsync();
        var list = await server.GetAsync($"{Maps}?resourceVersion={old}&resourceVersionMatch=Exact");
        Assert.Equal((410, "Expired"), (list.Code, list.Reason));
        // Nothing watched these before: their history begins now.
        await using var watch = await OpenWatch.StartAsync(server.Admin, "/apis/node.k8s.io/v1/runtimeclasses?watch=1&resourceVersion=1");
        var end = await watch.NextEventAsync();
        Assert.Equal(("ERROR", "410", "Expired"), (end["type"]!.ToString(), end["object"]!["code"]!.ToString(), end["object"]!["reason"]!.ToString()));
    }

    [Theory, InlineData("9999999999"), InlineData("9223372036854775807")]
    public async Task A_watch_may_be_meant_to_last_for_ever(string seconds)
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&timeoutSeconds={seconds}");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_up()
    {
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&timeoutSeconds=1");
        Assert.Null(await watch.TryNextAsync());
    }

    [Fact]
    public async Task Tables_are_watched_too_with_their_columns_once()
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&includeObject=Object", "application/json;as=Table;v=v1;g=meta.k8s.io");
        var added = (await watch.NextEventAsync())["object"]!;
        Assert.Equal(("Table", "one", "ConfigMap"), (added["kind"]!.ToString(), added["rows"]![0]!["cells"]![0]!.ToString(), added["rows"]![0]!["object"]!["kind"]!.ToString()));
        Assert.Equal("Name", added["columnDefinitions"]![0]!["name"]!.ToString());
        await server.PatchAsync($"{Maps}/one", """{"data":{"a":"b"}}""");
        var changed = (await watch.NextEventAsync())["object"]!;
        Assert.Equal(("1", null), (changed["rows"]![0]!["cells"]![1]!.ToString(), changed["columnDefinitions"]));
        Assert.Equal(406, (await server.GetAsync(Maps, "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io")).Code);
    }

    [Theory, InlineData(""), InlineData("&watch=1")]
    public async Task A_table_has_no_odd_objects_in_it(string query)
    {
        var refused = await server.GetAsync($"{Maps}?includeObject=Odd{query}", "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal(
            (400, "Unable to convert to Table as requested: includeObject: Invalid value: \"Odd\": must be 'Metadata', 'Object', 'None', or empty"),
            (refused.Code, refused.Message));
        Assert.Equal(200, (await server.GetAsync($"{Maps}?includeObject=Odd")).Code);
    }

    [Fact]
    public async Task Metadata_alone_is_watched_too()
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
        var added = (await watch.NextEventAsync())["object"]!.AsObject();
        Assert.Equal(("PartialObjectMetadata", "meta.k8s.io/v1", "one"), (added["kind"]!.ToString(), added["apiVersion"]!.ToString(), added["metadata"]!["name"]!.ToString()));
        Assert.Equal(3, added.Count);
    }

    [Theory, InlineData("sendInitialEvents=true&resourceVersionMatch=NotOlderThan"), InlineData("resourceVersion=0"), InlineData("")]
    public async Task Who_wants_no_bookmarks_gets_no_end_of_the_initial_events(string query)
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&{query}");
        Assert.Equal(("ADDED", "one"), await watch.NextAsync());
        await MakeAsync("two");
        Assert.Equal(("ADDED", "two"), await watch.NextAsync());
    }

    [Theory, InlineData("resourceVersion=0"), InlineData("")]
    public async Task A_watch_without_a_version_that_wants_bookmarks_gets_that_end_too(string query)
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&allowWatchBookmarks=true&{query}");
        JsonNode next;
        do { next = await watch.NextEventAsync(); } while (next["type"]!.ToString() == "ADDED");
        Assert.Equal("true", next["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.ToString());
    }

    [Fact]
    public async Task Without_initial_events_a_watch_begins_now()
    {
        await MakeAsync("one");
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");
        await MakeAsync("two");
        Assert.Equal(("ADDED", "two"), await watch.NextAsync());
    }

    [Theory]
    [InlineData("sendInitialEvents=true", "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData("sendInitialEvents=false", "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData("resourceVersionMatch=NotOlderThan", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    [InlineData("sendInitialEvents=true&resourceVersionMatch=Exact",
        "[resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: \"Exact\": supported values: \"NotOlderThan\"]")]
    [InlineData("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided")]
    public async Task Options_that_contradict_each_other_are_refused(string query, string message)
    {
        var refused = await server.GetAsync($"{Maps}?watch=1&{query}");
        Assert.Equal((422, $"ListOptions.meta.k8s.io \"\" is invalid: {message}", "resourceVersionMatch"), (refused.Code, refused.Message, refused["details.causes.0.field"]));
    }

    [Fact]
    public async Task Pages_of_a_list_stay_what_it_was_when_it_began()
    {
        foreach (var name in (string[])["a", "b", "c", "d", "e"]) { await MakeAsync(name); }
        var first = await server.GetAsync($"{Maps}?limit=2");
        Assert.Equal((2, "3"), (first.Json["items"]!.AsArray().Count, first["metadata.remainingItemCount"]));
        await server.DeleteAsync($"{Maps}/d");
        await MakeAsync("c2");
        var second = await server.GetAsync($"{Maps}?limit=2&continue={first["metadata.continue"]}");
        var third = await server.GetAsync($"{Maps}?limit=2&continue={second["metadata.continue"]}");
        Assert.Equal(["c", "d", "e"], second.Json["items"]!.AsArray().Concat(third.Json["items"]!.AsArray()).Select(item => item!["metadata"]!["name"]!.ToString()));
        Assert.Equal(first["metadata.resourceVersion"], third["metadata.resourceVersion"]);
    }

    [Fact]
    public async Task Selectors_choose_what_is_listed()
    {
        await MakeAsync("one", "a");
        await MakeAsync("two", "b");
        Assert.Equal("two", (await server.GetAsync($"{Maps}?labelSelector=group%20in%20(b,c)"))["items.0.metadata.name"]);
        Assert.Equal("one", (await server.GetAsync($"{Maps}?fieldSelector=metadata.name%3Done"))["items.0.metadata.name"]);
        Assert.Equal(400, (await server.GetAsync($"{Maps}?fieldSelector=data.x%3Done")).Code);
        Assert.Single((await server.GetAsync($"{Maps}?limit=1&limit=2")).Json["items"]!.AsArray());
    }

    [Theory]
    [InlineData("api/v1", "source")]
    [InlineData("api/v1", "reportingComponent")]
    [InlineData("apis/events.k8s.io/v1", "reportingController")]
    public async Task Events_are_found_by_who_reports_them_in_either_api(string api, string field)
    {
        var name = $"told-{field.ToLowerInvariant()}";
        await server.CreateAsync("/apis/events.k8s.io/v1/namespaces/default/events", $$"""
            {"metadata":{"name":"{{name}}"},"eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"{{name}}","reportingInstance":"x",
             "action":"Do","reason":"Done","type":"Normal","regarding":{"kind":"Pod","name":"p","namespace":"default"} }
            """);
        Assert.Equal(name, (await server.GetAsync($"/{api}/namespaces/default/events?fieldSelector={field}%3D{name}"))["items.0.metadata.name"]);
    }

    [Fact]
    public async Task A_node_that_says_nothing_else_is_schedulable()
    {
        await server.CreateAsync("/api/v1/nodes", """{"metadata":{"name":"says-nothing"}}""");
        const string selected = "/api/v1/nodes?fieldSelector=metadata.name%3Dsays-nothing,spec.unschedulable%3D";
        Assert.Single((await server.GetAsync(selected + "false")).Json["items"]!.AsArray());
        Assert.Empty((await server.GetAsync(selected + "true")).Json["items"]!.AsArray());
    }

    [Fact]
    public async Task A_version_from_the_future_is_too_large()
    {
        var refused = await server.GetAsync($"{Maps}?resourceVersion=99999999&resourceVersionMatch=Exact");
        Assert.Equal((504, "ResourceVersionTooLarge"), (refused.Code, refused["details.causes.0.reason"]));
    }

    [Fact]
    public async Task Deleting_a_collection_deletes_what_is_selected()
    {
        await MakeAsync("one", "a");
        await MakeAsync("two", "b");
        Assert.Equal(200, (await server.DeleteAsync($"{Maps}?labelSelector=group%3Da")).Code);
        Assert.Equal("two", Assert.Single((await server.GetAsync(Maps)).Json["items"]!.AsArray())!["metadata"]!["name"]!.ToString());
    }
}

/// <summary>One watch, read event by event.</summary>
internal sealed class OpenWatch(HttpResponseMessage response, StreamReader reader) : IAsyncDisposable
{
    public static async Task<OpenWatch> StartAsync(HttpClient client, string path, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = System.Net.HttpVersion.Version20 };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        return new(response, new(await response.Content.ReadAsStreamAsync()));
    }

    public async Task<JsonNode?> TryNextAsync() => await reader.ReadLineAsync().WaitAsync(Eventually.Limit) is { } line ? JsonNode.Parse(line) : null;

    public async Task<JsonNode> NextEventAsync() => await TryNextAsync() ?? throw new InvalidOperationException("The watch ended.");

    public async Task<(string Type, string Name)> NextAsync()
    {
        var next = await NextEventAsync();
        return (next["type"]!.ToString(), next["object"]!["metadata"]!["name"]!.ToString());
    }

    public ValueTask DisposeAsync()
    {
        reader.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
