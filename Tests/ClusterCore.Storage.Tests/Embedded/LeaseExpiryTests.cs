using System.Text;
using Flotilla.ClusterCore.Storage.Embedded;

namespace Flotilla.ClusterCore.Storage.Tests.Embedded;

public sealed class LeaseExpiryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_die_with_their_lease_and_a_watch_sees_it()
    {
        using var directory = new TemporaryDirectory();
        await using var store = await EmbeddedStore.OpenAsync(new() { Directory = directory.Path }, Cancellation);
        var lease = await store.GrantLeaseAsync(0, TimeSpan.FromSeconds(1), Cancellation);
        ReadOnlyMemory<byte> key = Encoding.UTF8.GetBytes("a");
        _ = await store.TxnAsync(new([], [new StoreOperation.Put(key, key, lease.Id)], []), Cancellation);
        await foreach (var batch in store.WatchAsync(new(KeyRange.One(key), store.Revision + 1), Cancellation))
        {
            Assert.Equal(StoreEventKind.Delete, Assert.Single(batch.Events).Kind);
            break;
        }

        Assert.Equal(LeaseOutcome.NotFound, (await store.KeepLeaseAliveAsync(lease.Id, Cancellation)).Outcome);
    }
}
