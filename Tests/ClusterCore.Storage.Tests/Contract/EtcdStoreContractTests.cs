using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Storage.Tests.Contract;

/// <summary>One etcd for all tests of the class.</summary>
public sealed class EtcdFixture : IAsyncLifetime
{
    private EtcdServer? server;

    public EtcdServer Server => server ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => server = await EtcdServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>The etcd engine, and through it etcd itself: what it answers is right by definition.</summary>
public sealed class EtcdStoreContractTests(EtcdFixture etcd) : StoreContractTests, IClassFixture<EtcdFixture>
{
    protected override async ValueTask<IStore> OpenAsync()
    {
        var store = await EtcdStore.OpenAsync(new() { Endpoints = etcd.Server.Endpoints }, Cancellation);
        _ = await store.TxnAsync(new([], [new StoreOperation.Delete(KeyRange.Prefix(default))], []), Cancellation);
        foreach (var lease in await store.ListLeasesAsync(Cancellation))
        {
            _ = await store.RevokeLeaseAsync(lease, Cancellation);
        }

        return store;
    }
}
