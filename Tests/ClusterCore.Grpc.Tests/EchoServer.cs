using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Grpc.Tests;

/// <summary>A gRPC server on a Unix socket whose messages are plain UTF-8.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private static readonly GrpcMarshaller<string> Text = new(
        Encoding.UTF8.GetByteCount, static (text, writer) => writer.Write(Encoding.UTF8.GetBytes(text)), static bytes => Encoding.UTF8.GetString(bytes));

    public static readonly GrpcMethod<string, string> Echo = new("test.Echo", "Echo", Text, Text);
    public static readonly GrpcMethod<string, string> Fail = new("test.Echo", "Fail", Text, Text);
    public static readonly GrpcMethod<string, string> Hang = new("test.Echo", "Hang", Text, Text);
    public static readonly GrpcMethod<string, string> Count = new("test.Echo", "Count", Text, Text);
    public static readonly GrpcMethod<string, string> Chat = new("test.Echo", "Chat", Text, Text);
    public static readonly GrpcMethod<string, string> Unknown = new("test.Echo", "Unknown", Text, Text);

    private readonly WebApplication application;
    private readonly string directory;

    private EchoServer(WebApplication application, string directory)
    {
        this.application = application;
        this.directory = directory;
        Channel = GrpcChannel.ForUnixSocket(SocketPath(directory));
    }

    public GrpcChannel Channel { get; }

    public string Socket => SocketPath(directory);

    public static async Task<EchoServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("grpc").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(
            SocketPath(folder), listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        _ = app.MapGrpcUnary(Echo, static (request, _) => new(request), maxReceiveMessageSize: 100_000);
        _ = app.MapGrpcUnary(Fail, static (request, _) => throw new GrpcException(GrpcStatusCode.NotFound, request));
        _ = app.MapGrpcUnary(Hang, static async (request, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return request;
        });
        _ = app.MapGrpcServerStream(Count, static async (request, responses, context) =>
        {
            for (var i = 0; i < int.Parse(request, CultureInfo.InvariantCulture); i++)
            {
                await responses.WriteAsync($"{i}", context.CancellationToken);
            }

            throw new GrpcException(GrpcStatusCode.OutOfRange, "no more");
        });
        _ = app.MapGrpcDuplex(Chat, static async (requests, responses, context) =>
        {
            await foreach (var request in requests)
            {
                await responses.WriteAsync($"re: {request}", context.CancellationToken);
            }
        });
        _ = app.MapGrpcUnimplemented();
        await app.StartAsync();
        return new(app, folder);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await application.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static string SocketPath(string directory) => Path.Combine(directory, "s");
}
