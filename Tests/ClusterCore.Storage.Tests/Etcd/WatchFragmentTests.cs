using System.Text;
using Flotilla.ClusterCore.Grpc;
using Flotilla.ClusterCore.Storage.Etcd.Api;
using Flotilla.ClusterCore.Storage.Etcd.Client;
using Flotilla.TestKit;
using Google.Protobuf;

namespace Flotilla.ClusterCore.Storage.Tests.Etcd;

/// <summary>One revision whose events, with the values before them, are more than one message may hold: on the wire, as etcd cuts it.</summary>
public sealed class WatchFragmentTests
{
    private const int ValueLength = 700_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_front_cuts_a_large_revision_where_the_client_asked_for_it()
    {
        await using var front = await EtcdFrontServer.StartAsync(Cancellation);
        await IsCutAsync(front.Endpoint);
    }

    [Fact]
    public async Task Etcd_itself_does_so()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await IsCutAsync(etcd.Endpoints[0]);
    }

    [Fact]
    public async Task A_client_that_did_not_ask_gets_it_whole()
    {
        await using var front = await EtcdFrontServer.StartAsync(Cancellation);
        Assert.Equal([(2, false)], await WatchAsync(front.Endpoint, fragment: false));
    }

    [Fact]
    public async Task The_client_puts_it_together_again()
    {
        await using var etcd = await EtcdServer.StartAsync();
        await using var store = await EtcdStore.OpenAsync(new() { Endpoints = [etcd.Endpoints[0]] }, Cancellation);
        await PutBothAsync(store);
        await PutBothAsync(store);

        var seen = 0;
        await foreach (var batch in store.WatchAsync(new(KeyRange.Prefix("k"u8.ToArray()), FromRevision: 2, PreviousValues: true), Cancellation))
        {
            Assert.Equal(["k1", "k2"], batch.Events.Take(2).Select(change => Encoding.UTF8.GetString(change.KeyValue.Key.Span)));
            Assert.Equal(0, batch.Events.Count % 2);
            seen += batch.Events.Count;
            if (seen == 4)
            {
                break;
            }
        }

        Assert.Equal(4, seen);
    }

    private static async Task IsCutAsync(Uri endpoint) => Assert.Equal([(1, true), (1, false)], await WatchAsync(endpoint, fragment: true));

    /// <returns>How many events the answers of the second revision have, and whether they say that more of it follows.</returns>
    private static async Task<List<(int Events, bool Fragment)>> WatchAsync(Uri endpoint, bool fragment)
    {
        await using var store = await EtcdStore.OpenAsync(new() { Endpoints = [endpoint] }, Cancellation);
        await PutBothAsync(store);
        using var channel = GrpcChannel.ForAddress(endpoint, new() { MaxReceiveMessageSize = int.MaxValue });
        using var watch = channel.Duplex(EtcdMethods.Watch, Cancellation);
        await watch.WriteAsync(new()
        {
            CreateRequest = new() { Key = ByteString.CopyFromUtf8("k"), RangeEnd = ByteString.CopyFromUtf8("l"), PrevKv = true, Fragment = fragment },
        });
        var answers = new List<(int, bool)>();
        await foreach (var answer in watch.ReadAllAsync(Cancellation))
        {
            if (answer.Created)
            {
                await PutBothAsync(store);
                continue;
            }

            answers.Add((answer.Events.Count, answer.Fragment));
            if (!answer.Fragment)
            {
                break;
            }
        }

        return answers;
    }

    private static async Task PutBothAsync(EtcdStore store) => _ = await store.TxnAsync(
        new([], [new StoreOperation.Put("k1"u8.ToArray(), new byte[ValueLength]), new StoreOperation.Put("k2"u8.ToArray(), new byte[ValueLength])], []), Cancellation);
}
