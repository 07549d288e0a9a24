using System.Net;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.ClusterCore.Storage.Etcd.Front;
using Flotilla.ClusterCore.Storage.Tests.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Tests.Contract;

/// <summary>The embedded store behind its etcd front, seen by the client that etcd itself is seen by.</summary>
public sealed class EtcdFrontContractTests : StoreContractTests
{
    private readonly TemporaryDirectory directory = new();
    private WebApplication? front;
    private EmbeddedStore? embedded;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await front!.DisposeAsync();
        await embedded!.DisposeAsync();
        directory.Dispose();
    }

    protected override async ValueTask<IStore> OpenAsync()
    {
        embedded = await EmbeddedStore.OpenAsync(new() { Directory = directory.Path, HistoryAge = Timeout.InfiniteTimeSpan }, Cancellation);
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.ConfigureKestrel(static kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        front = builder.Build();
        front.MapEtcd(embedded, []);
        await front.StartAsync(Cancellation);
        return await EtcdStore.OpenAsync(new() { Endpoints = [new(front.Urls.Single())] }, Cancellation);
    }
}
