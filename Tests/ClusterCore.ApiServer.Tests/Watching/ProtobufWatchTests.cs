using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Watching;

/// <summary>Watches in protobuf: four bytes of length and an event over HTTP, an event a message over WebSocket.</summary>
[Collection(ServerCollection.Name)]
public sealed class ProtobufWatchTests(RunningServer server) : IAsyncLifetime
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private readonly string ns = $"frames-{Guid.NewGuid():N}"[..20];

    private string Maps => $"/api/v1/namespaces/{ns}/configmaps";

    public async ValueTask InitializeAsync() => await server.CreateAsync("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{ns}}}"}}""");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Events_come_as_frames()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"one"},"data":{"a":"1"}}""");
        await using var watch = await FramedWatch.StartAsync(
            server.Admin, $"{Maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", $"{Protobuf};stream=watch");
        Assert.Equal($"{Protobuf};stream=watch", watch.ContentType);
        var added = await watch.NextAsync();
        Assert.Equal(("ADDED", "ConfigMap", "v1", "1"), (added.Type, Text(added, "kind"), Text(added, "apiVersion"), added.Object["data"]!["a"]!.ToString()));
        var bookmark = await watch.NextAsync();
        Assert.Equal(
            ("BOOKMARK", "ConfigMap", "true"), (bookmark.Type, Text(bookmark, "kind"), bookmark.Object["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.ToString()));
        await server.PatchAsync($"{Maps}/one", """{"data":{"a":"2"}}""");
        Assert.Equal(("MODIFIED", "2"), await watch.NextAsync() is var changed ? (changed.Type, changed.Object["data"]!["a"]!.ToString()) : default);
        await server.DeleteAsync($"{Maps}/one");
        Assert.Equal(("DELETED", "2"), await watch.NextAsync() is var gone ? (gone.Type, gone.Object["data"]!["a"]!.ToString()) : default);
    }

    [Fact]
    public async Task A_forgotten_version_ends_them_with_a_status()
    {
        // Nothing watched these before, or others did later: their history does not reach back to the first version.
        await using var watch = await FramedWatch.StartAsync(server.Admin, "/apis/node.k8s.io/v1/runtimeclasses?watch=1&resourceVersion=1", Protobuf);
        var end = await watch.NextAsync();
        Assert.Equal(("ERROR", "Status", "410", "Expired"), (end.Type, Text(end, "kind"), Text(end, "code"), Text(end, "reason")));
    }

    [Fact]
    public async Task Metadata_alone_is_watched_in_protobuf_of_custom_resources_too()
    {
        const string partial = $"{Protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        await server.CreateAsync(Maps, """{"metadata":{"name":"one"},"data":{"a":"1"}}""");
        var things = await DefineAsync();
        await server.CreateAsync(things, """{"apiVersion":"frames.example.com/v1","kind":"Thing","metadata":{"name":"two"},"text":"x"}""");
        foreach (var (path, name) in (IEnumerable<(string, string)>)[(Maps, "one"), (things, "two")])
        {
            await using var watch = await FramedWatch.StartAsync(server.Admin, $"{path}?watch=1", partial);
            var added = await watch.NextAsync();
            Assert.Equal(("ADDED", "PartialObjectMetadata", name), (added.Type, Text(added, "kind"), added.Object["metadata"]!["name"]!.ToString()));
            Assert.Equal(["kind", "apiVersion", "metadata"], added.Object.Select(static member => member.Key));
        }
    }

    [Theory]
    [InlineData(Protobuf, null)]
    [InlineData($"{Protobuf},application/json", "application/json")]
    [InlineData("application/yaml", null)]
    public async Task What_has_no_such_form_is_refused_or_comes_in_the_next_that_is_accepted(string accept, string? contentType)
    {
        var things = await DefineAsync();
        if (contentType is null)
        {
            var refused = await server.GetAsync($"{things}?watch=1", accept);
            Assert.Equal((406, "NotAcceptable"), (refused.Code, refused.Reason));
            return;
        }

        await using var watch = await FramedWatch.StartAsync(server.Admin, $"{things}?watch=1", accept);
        Assert.Equal(contentType, watch.ContentType);
    }

    [Fact]
    public async Task Over_a_socket_each_event_is_a_message_of_bytes()
    {
        await server.CreateAsync(Maps, """{"metadata":{"name":"one"}}""");
        using var socket = await server.ConnectAsync($"{Maps}?watch=1", accept: Protobuf);
        Assert.Equal(("ADDED", "one"), Named(await NextAsync(socket)));
        await server.DeleteAsync($"{Maps}/one");
        Assert.Equal(("DELETED", "one"), Named(await NextAsync(socket)));
    }

    private async Task<string> DefineAsync()
    {
        await server.CreateAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"things.frames.example.com"},"spec":{"group":"frames.example.com","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"text":{"type":"string"}}}}}]}}
            """);
        var things = $"/apis/frames.example.com/v1/namespaces/{ns}/things";
        await TestKit.Eventually.TrueAsync(async () => (await server.GetAsync(things)).Code == 200, "the definition is served");
        return things;
    }

    private static async Task<WatchMessage> NextAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var buffer = new byte[64 * 1024];
        var read = await socket.ReceiveAsync(buffer, limit.Token);
        Assert.Equal((WebSocketMessageType.Binary, true), (read.MessageType, read.EndOfMessage));
        return WatchMessage.Read(buffer.AsSpan(0, read.Count));
    }

    private static (string, string) Named(WatchMessage message) => (message.Type, message.Object["metadata"]!["name"]!.ToString());

    private static string Text(WatchMessage message, string member) => message.Object[member]!.ToString();
}

/// <summary>meta/v1 WatchEvent: 1 type, 2 object, a RawExtension whose 1 is the enveloped object.</summary>
internal sealed record WatchMessage(string Type, JsonObject Object)
{
    public static WatchMessage Read(ReadOnlySpan<byte> message)
    {
        var type = Field(ref message, 1);
        var extension = Field(ref message, 2);
        Assert.True(message.IsEmpty);
        var decoded = ProtobufCodec.Decode(Field(ref extension, 1), null);
        Assert.Null(decoded.Error);
        return new(System.Text.Encoding.UTF8.GetString(type), decoded.Object!);
    }

    private static ReadOnlySpan<byte> Field(ref ReadOnlySpan<byte> rest, int number)
    {
        Assert.Equal((number << 3) | 2, rest[0]);
        var (length, at, shift) = (0, 1, 0);
        for (; (rest[at] & 0x80) != 0; at++, shift += 7) { length |= (rest[at] & 0x7f) << shift; }
        length |= rest[at++] << shift;
        var field = rest.Slice(at, length);
        rest = rest[(at + length)..];
        return field;
    }
}

/// <summary>One watch in protobuf, read frame by frame.</summary>
internal sealed class FramedWatch(HttpResponseMessage response, Stream stream) : IAsyncDisposable
{
    public string? ContentType => response.Content.Headers.ContentType?.ToString().Replace(" ", "", StringComparison.Ordinal);

    public static async Task<FramedWatch> StartAsync(HttpClient client, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = System.Net.HttpVersion.Version20 };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        return new(response, await response.Content.ReadAsStreamAsync());
    }

    public async Task<WatchMessage> NextAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var length = new byte[4];
        await stream.ReadExactlyAsync(length, limit.Token);
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(message, limit.Token);
        return WatchMessage.Read(message);
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        response.Dispose();
    }
}
