using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Flotilla.ClusterCore.ApiServer.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission.Webhooks;

/// <summary>The port-forward of a kubelet, over WebSocket: every pod's port leads to one local port.</summary>
internal sealed class ForwardingKubelet : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly int target;

    private ForwardingKubelet(int target)
    {
        this.target = target;
        var certificate = CertificateAuthority.CreateSelfSigned("kubelet", TimeProvider.System);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        application = builder.Build();
        application.UseWebSockets();
        application.Run(ForwardAsync);
    }

    public int Port => new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    public string Asked { get; private set; } = "";

    public static async Task<ForwardingKubelet> StartAsync(int target)
    {
        var kubelet = new ForwardingKubelet(target);
        await kubelet.application.StartAsync();
        return kubelet;
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task ForwardAsync(HttpContext context)
    {
        Asked = $"{context.Request.Path}{context.Request.QueryString}";
        using var socket = await context.WebSockets.AcceptWebSocketAsync("v4.channel.k8s.io");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, target);
        await using var stream = client.GetStream();
        foreach (var channel in (byte[])[0, 1]) { await SendAsync(socket, [channel, 0xfb, 0x20], context.RequestAborted); }
        await Task.WhenAny(InAsync(socket, stream, context.RequestAborted), OutAsync(stream, socket, context.RequestAborted));
    }

    private static async Task InAsync(WebSocket socket, Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken) is { MessageType: WebSocketMessageType.Binary } part)
        {
            await stream.WriteAsync(buffer.AsMemory(1, part.Count - 1), cancellationToken);
        }
    }

    private static async Task OutAsync(Stream stream, WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer.AsMemory(1), cancellationToken) is > 0 and var read) { await SendAsync(socket, buffer[..(read + 1)], cancellationToken); }
    }

    private static async Task SendAsync(WebSocket socket, byte[] message, CancellationToken cancellationToken) =>
        await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
}
