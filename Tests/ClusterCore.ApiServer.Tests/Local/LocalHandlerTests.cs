using Flotilla.ClusterCore.ApiServer.Tests.Watching;

namespace Flotilla.ClusterCore.ApiServer.Tests.Local;

/// <summary>The API without a connection answers as it does over one.</summary>
[Collection(ServerCollection.Name)]
public sealed class LocalHandlerTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    private HttpClient As(string user, params string[] groups) => new(server.Api.LocalHandler(user, groups)) { BaseAddress = server.Api.Addresses[0] };

    [Fact]
    public async Task Writes_and_reads_are_answered()
    {
        using var client = As("tests", "system:masters");
        var made = await RunningServer.SendAsync(client, HttpMethod.Post, $"{Maps}?fieldManager=a%20b", """{"metadata":{"name":"local"},"data":{"a":"b"}}""", "application/json");
        Assert.Equal((201, "application/json", "a b"), (made.Code, made.ContentType, made["metadata.managedFields.0.manager"]));
        Assert.Equal("local", (await RunningServer.SendAsync(client, HttpMethod.Get, $"{Maps}/local", null, ""))["metadata.name"]);
    }

    [Fact]
    public async Task The_user_may_what_its_roles_allow()
    {
        using var client = As("nobody");
        var reply = await RunningServer.SendAsync(client, HttpMethod.Get, Maps, null, "");
        Assert.Equal(403, reply.Code);
        Assert.Contains("User \"nobody\" cannot list resource \"configmaps\"", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_lasts_until_its_reader_lets_go()
    {
        using var client = As("tests", "system:masters");
        await using (var watch = await OpenWatch.StartAsync(client, "/api/v1/namespaces/local-watch/secrets?watch=1"))
        {
            await server.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"local-watch"}}""");
            await server.CreateAsync("/api/v1/namespaces/local-watch/secrets", """{"metadata":{"name":"one"}}""");
            Assert.Equal(("ADDED", "one"), await watch.NextAsync());
            Assert.Contains(Open(1), (await server.GetAsync("/metrics")).Text, StringComparison.Ordinal);
        }

        await TestKit.Eventually.TrueAsync(async () => (await server.GetAsync("/metrics")).Text.Contains(Open(0), StringComparison.Ordinal), "the watch ends");
    }

    private static string Open(int count) =>
        $"apiserver_longrunning_requests{{component=\"apiserver\",group=\"\",resource=\"secrets\",scope=\"namespace\",subresource=\"\",verb=\"WATCH\",version=\"v1\"}} {count}\n";
}
