using System.Net;
using System.Net.WebSockets;
using System.Text;
using Flotilla.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.ApiServer.Tests.Nodes;

/// <summary>What is reached through the API server: a program in a pod of the host's network, and a node's kubelet.</summary>
[Collection(ServerCollection.Name)]
public sealed class ProxyTests(RunningServer server) : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private readonly string name = $"proxied-{Guid.NewGuid():N}"[..16];
    private WebApplication backend = null!;

    private int Port => new Uri(backend.Urls.First()).Port;

    private string Proxy => $"{Pods}/{name}:{Port}/proxy";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        backend = builder.Build();
        backend.UseWebSockets();
        backend.Map("/{**path}", AnswerAsync);
        await backend.StartAsync();
        await server.CreateAsync(Pods, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"nodeName":"n","hostNetwork":true,"containers":[{"name":"c","image":"x"}]}}""");
        await server.PatchAsync($"{Pods}/{name}/status", """{"status":{"podIP":"127.0.0.1","phase":"Running"}}""");
    }

    public async ValueTask DisposeAsync() => await backend.DisposeAsync();

    [Fact]
    public async Task Links_of_pages_lead_back_through_the_proxy()
    {
        var page = await server.GetAsync($"{Proxy}/page");
        Assert.Equal((200, $"<a href=\"{Proxy}/rewriteme\">ä</a>"), (page.Code, page.Text));
    }

    [Fact]
    public async Task Other_answers_come_as_they_are() => Assert.Equal("<a href=\"/rewriteme\">ä</a>", (await server.GetAsync($"{Proxy}/plain")).Text);

    [Theory]
    [InlineData("/a/?b=c%20d", "/a/?b=c%20d")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("/", "/")]
    public async Task The_path_behind_the_proxy_arrives_as_it_was_sent(string path, string expected) =>
        Assert.Equal($"{expected} {Proxy}{expected.Split('?')[0]}", (await server.GetAsync($"{Proxy}{path}")).Text);

    [Fact]
    public async Task Redirections_lead_back_through_the_proxy()
    {
        using var moved = await server.Admin.GetAsync($"{Proxy}/moved");
        Assert.Equal($"{Proxy}/page", moved.Headers.Location?.ToString());
        using var root = await server.Admin.GetAsync($"{Proxy}?a=b");
        Assert.Equal((HttpStatusCode.MovedPermanently, $"{Proxy}/?a=b"), (root.StatusCode, root.Headers.Location?.ToString()));
    }

    [Fact]
    public async Task Sockets_are_passed_through()
    {
        using var socket = await server.ConnectAsync($"{Proxy}/echo");
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        var buffer = new byte[64];
        var read = await socket.ReceiveAsync(buffer, limit.Token);
        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, read.Count));
    }

    [Theory]
    [InlineData("/plain")]
    [InlineData("/slow")]
    public async Task The_words_of_who_refuses_to_upgrade_arrive_whole(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Proxy + path) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.Add(new("SPDY", "3.1"));
        using var answer = await server.Admin.SendAsync(request);
        Assert.Equal("<a href=\"/rewriteme\">ä</a>", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_cannot_be_reached_is_unavailable()
    {
        await backend.StopAsync();
        var refused = await server.GetAsync($"{Proxy}/page");
        Assert.Equal((503, "ServiceUnavailable"), (refused.Code, refused.Reason));
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        const string link = "<a href=\"/rewriteme\">ä</a>";
        var (request, response) = (context.Request, context.Response);
        switch (request.Path.Value)
        {
            case "/page":
                response.ContentType = "text/html; charset=utf-8";
                await response.WriteAsync(link);
                break;
            case "/plain":
                await response.WriteAsync(link);
                break;
            case "/slow":
                response.ContentLength = Encoding.UTF8.GetByteCount(link);
                await response.StartAsync();
                await response.Body.FlushAsync();
                await response.WriteAsync(link);
                break;
            case "/moved":
                response.Redirect($"http://{request.Host}/page");
                break;
            case "/echo":
                await EchoAsync(await context.WebSockets.AcceptWebSocketAsync());
                break;
            default:
                await response.WriteAsync($"{request.Path.ToUriComponent()}{request.QueryString} {request.Headers["X-Forwarded-Uri"]}");
                break;
        }
    }

    private static async Task EchoAsync(WebSocket socket)
    {
        var buffer = new byte[64];
        var read = await socket.ReceiveAsync(buffer, CancellationToken.None);
        await socket.SendAsync(buffer.AsMemory(0, read.Count), read.MessageType, endOfMessage: true, CancellationToken.None);
    }
}
