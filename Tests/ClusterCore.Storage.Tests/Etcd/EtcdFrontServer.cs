using System.Net;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.ClusterCore.Storage.Etcd.Front;
using Flotilla.ClusterCore.Storage.Tests.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Tests.Etcd;

/// <summary>An embedded store of its own behind its etcd front, on a free port of loopback.</summary>
internal sealed class EtcdFrontServer : IAsyncDisposable
{
    private readonly TemporaryDirectory directory;
    private readonly EmbeddedStore store;
    private readonly WebApplication front;

    private EtcdFrontServer(TemporaryDirectory directory, EmbeddedStore store, WebApplication front) =>
        (this.directory, this.store, this.front) = (directory, store, front);

    public Uri Endpoint => new(front.Urls.Single());

    public static async Task<EtcdFrontServer> StartAsync(CancellationToken cancellationToken)
    {
        var home = new TemporaryDirectory();
        var opened = await EmbeddedStore.OpenAsync(new() { Directory = home.Path, HistoryAge = Timeout.InfiniteTimeSpan }, cancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.ConfigureKestrel(static kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        application.MapEtcd(opened, ["http://127.0.0.1:2379"]);
        await application.StartAsync(cancellationToken);
        return new(home, opened, application);
    }

    public async ValueTask DisposeAsync()
    {
        await front.DisposeAsync();
        await store.DisposeAsync();
        directory.Dispose();
    }
}
