using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Storage.Tests.Etcd;

public sealed class EtcdCompactionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_are_made_to_forget_what_is_old()
    {
        await using var front = await EtcdFrontServer.StartAsync(Cancellation);
        await using var store = await EtcdStore.OpenAsync(
            new() { Endpoints = [front.Endpoint], HistoryAge = TimeSpan.FromMilliseconds(100) }, Cancellation);
        for (var i = 0; i < 3; i++)
        {
            _ = await store.TxnAsync(new([], [new StoreOperation.Put("a"u8.ToArray(), "v"u8.ToArray())], []), Cancellation);
        }

        await Eventually.TrueAsync(
            async () => (await store.RangeAsync(new(KeyRange.One("a"u8.ToArray()), Revision: 2), Cancellation)).Compacted, "revision 2 is compacted");
        Assert.Equal(3, (await store.RangeAsync(new(KeyRange.One("a"u8.ToArray())), Cancellation)).KeyValues[0].Version);
    }
}
