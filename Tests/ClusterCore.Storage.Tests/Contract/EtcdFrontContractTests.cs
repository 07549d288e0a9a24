using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.ClusterCore.Storage.Tests.Etcd;

namespace Flotilla.ClusterCore.Storage.Tests.Contract;

/// <summary>The embedded store behind its etcd front, seen by the client that etcd itself is seen by.</summary>
public sealed class EtcdFrontContractTests : StoreContractTests
{
    private EtcdFrontServer? front;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await front!.DisposeAsync();
    }

    protected override async ValueTask<IStore> OpenAsync()
    {
        front = await EtcdFrontServer.StartAsync(Cancellation);
        return await EtcdStore.OpenAsync(new() { Endpoints = [front.Endpoint] }, Cancellation);
    }
}
