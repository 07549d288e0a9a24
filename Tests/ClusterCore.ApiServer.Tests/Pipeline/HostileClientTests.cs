using System.Net;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

/// <summary>Clients that are slow, greedy or malicious get the answer they should, and the others go on being served.</summary>
public sealed class HostileClientTests : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private static readonly TimeSpan limit = TimeSpan.FromSeconds(30);
    private readonly RunningServer server = new() { SlowestHead = TimeSpan.FromSeconds(1) };

    public ValueTask InitializeAsync() => server.InitializeAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_head_that_does_not_end_ends_its_connection()
    {
        await using var slow = await RawConnection.OpenAsync(server);
        await slow.SendAsync($"GET {Maps} HTTP/1.1\r\nHost: localhost\r\nX-Slow: a");
        await ServedAsync();
        Assert.StartsWith("HTTP/1.1 408", await slow.ReadToEndAsync(limit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_a_timeout()
    {
        await using var slow = await RawConnection.OpenAsync(server);
        await slow.SendAsync($"POST {Maps} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{{");
        await ServedAsync();
        var answer = await slow.ReadToEndAsync(limit);
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"Status\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"reason\":\"Timeout\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_that_is_never_read_is_cut_off_and_holds_nothing()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"large"}}""");
        await using var deaf = await RawConnection.OpenAsync(server);
        await deaf.SendAsync($"GET {Maps}?watch=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        await using var attentive = await Watching.OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1");
        Assert.Equal(("ADDED", "large"), await attentive.NextAsync());
        var size = 900 * 1024;
        for (var i = 0; i < 60; i++)
        {
            var changed = await server.PatchAsync($"{Maps}/large", $$$"""{"data":{"a":"{{{new string((char)('a' + (i % 26)), size)}}}"}}""");
            Assert.Equal(200, changed.Code);
            Assert.Equal(("MODIFIED", "large"), await attentive.NextAsync());
        }

        await TestKit.Eventually.TrueAsync(
            async () => (await server.GetAsync("/metrics")).Text.Contains("apiserver_terminated_watchers_total{", StringComparison.Ordinal), "a watcher is cut off");
        // What the network had taken before is read, and what waited if there is time to; then the connection ends, before all 54 MB came.
        Assert.InRange((await deaf.ReadToEndAsync(limit)).Length, 0, 50 * size);
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_selector_may_be_long(int version)
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"chosen","labels":{"n":"v19999"}}}""");
        var values = string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"v{i}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Maps}?labelSelector=n%20in%20({values})")
        {
            Version = new(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("chosen", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_user_may_have_many_groups(int version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/apis/authentication.k8s.io/v1/selfsubjectreviews")
        {
            Version = new(version, version == 1 ? 1 : 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Impersonate-User", "ann");
        request.Headers.Add("Impersonate-Group", "system:masters");
        for (var i = 0; i < 500; i++) { request.Headers.TryAddWithoutValidation("Impersonate-Group", $"group-{i}"); }
        using var response = await server.Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var review = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Contains("group-499", review["status"]!["userInfo"]!["groups"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_idle_connections_leave_room_for_others()
    {
        var connections = new List<RawConnection>();
        for (var i = 0; i < 200; i++) { connections.Add(await RawConnection.OpenAsync(server)); }
        await ServedAsync();
        foreach (var connection in connections) { await connection.DisposeAsync(); }
    }

    [Fact]
    public async Task Patch_bombs_are_too_large_or_refused()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"bombed"},"data":{"a":"0123456789"}}""");
        var many = $"[{string.Join(",", Enumerable.Repeat("""{"op":"test","path":"/data/a","value":"0123456789"}""", 10_001))}]";
        var tooMany = await server.PatchAsync($"{Maps}/bombed", many, "json-patch+json");
        Assert.Equal(
            (413, "RequestEntityTooLarge", "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001"),
            (tooMany.Code, tooMany.Reason, tooMany.Message));
        var doubling = string.Join(",", Enumerable.Range(0, 40).Select(i => $$"""{"op":"copy","from":"/data","path":"/data/c{{i}}"}"""));
        var exploding = await server.PatchAsync($"{Maps}/bombed", $"[{doubling}]", "json-patch+json");
        Assert.Equal(
            (422, "Invalid", "the server rejected our request due to an error in our request"), (exploding.Code, exploding.Reason, exploding.Message));
        var large = new string('x', 1_000_000);
        await server.PatchAsync($"{Maps}/bombed", $$$"""{"data":{"a":"{{{large}}}"}}""");
        var moves = Enumerable.Range(0, 9_998).Select(i => i % 2 == 0 ? """{"op":"move","from":"/data","path":"/other"}""" : """{"op":"move","from":"/other","path":"/data"}""");
        var moved = await server.PatchAsync($"{Maps}/bombed", $"[{string.Join(",", moves)}]", "json-patch+json");
        Assert.Equal(200, moved.Code);
    }

    [Fact]
    public async Task Patterns_of_definitions_cost_no_more_than_the_text_is_long()
    {
        const string things = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var refused = await server.CreateAsync(things, Definition("lookaheads", "(?=a)b"));
        Assert.Equal((422, "spec.validation.openAPIV3Schema.properties[text].pattern"), (refused.Code, refused["details.causes.0.field"]));
        Assert.Equal(201, (await server.CreateAsync(things, Definition("things", "^(a+)+$"))).Code);
        var evil = new string('a', 100_000) + "!";
        await TestKit.Eventually.TrueAsync(async () => (await server.GetAsync("/apis/hostile.example.com/v1/things")).Code == 200, "the definition is served");
        var answer = await server.CreateAsync(
            "/apis/hostile.example.com/v1/things", $$"""{"apiVersion":"hostile.example.com/v1","kind":"Things","metadata":{"name":"a"},"text":"{{evil}}"}""");
        Assert.Equal((422, "text"), (answer.Code, answer["details.causes.0.field"]));
        await ServedAsync();
    }

    private static string Definition(string plural, string pattern) => $$$$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{{plural}}}}.hostile.example.com"},
         "spec":{"group":"hostile.example.com","scope":"Cluster","names":{"plural":"{{{{plural}}}}","kind":"{{{{char.ToUpperInvariant(plural[0])}}}}{{{{plural[1..]}}}}"},
         "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"text":{"type":"string","pattern":"{{{{pattern}}}}"} } } } }] } }
        """;

    private async Task ServedAsync() => Assert.Equal(200, (await server.GetAsync(Maps)).Code);
}
