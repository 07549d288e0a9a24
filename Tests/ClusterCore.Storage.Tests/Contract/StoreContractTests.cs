using System.Text;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.Storage.Tests.Contract;

/// <summary>What every engine answers; each test runs against each engine, real etcd among them as the oracle.</summary>
public abstract class StoreContractTests : IAsyncLifetime
{
    private IStore? store;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected IStore Store => store ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync() => store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<IStore> OpenAsync();

    [Fact]
    public async Task Revisions_versions_and_creations_are_counted_as_in_etcd()
    {
        var first = await PutAsync("a", "1");
        var second = await DoAsync(Put("a", "2"), Put("b", "1"));
        var b = (await ReadAsync("b"))!;
        var a = (await ReadAsync("a"))!;
        Assert.Equal(first.Revision + 1, second.Revision);
        Assert.Equal((first.Revision, second.Revision, 2L), (a.CreateRevision, a.ModRevision, a.Version));
        Assert.Equal((second.Revision, second.Revision, 1L), (b.CreateRevision, b.ModRevision, b.Version));
    }

    [Fact]
    public async Task A_key_made_again_starts_over()
    {
        _ = await PutAsync("a", "1");
        _ = await DeleteAsync("a");
        var again = await PutAsync("a", "2");
        Assert.Equal((again.Revision, 1L), ((await ReadAsync("a"))!.CreateRevision, (await ReadAsync("a"))!.Version));
    }

    [Fact]
    public async Task Deleting_nothing_takes_no_revision()
    {
        var put = await PutAsync("a", "1");
        var deleted = await DeleteAsync("nothing");
        Assert.Equal(put.Revision, deleted.Revision);
        Assert.Empty(Assert.IsType<OperationResult.Delete>(deleted.Results[0]).Previous);
    }

    [Fact]
    public async Task Older_revisions_can_be_read()
    {
        var first = await PutAsync("a", "1");
        var second = await PutAsync("a", "2");
        var gone = await DeleteAsync("a");
        Assert.Equal("1", Text((await ReadAsync("a", first.Revision))!));
        Assert.Equal("2", Text((await ReadAsync("a", second.Revision))!));
        Assert.Null(await ReadAsync("a", gone.Revision));
        Assert.Null(await ReadAsync("a"));
    }

    [Theory]
    [InlineData("a", "c", 0, "a,b", 2, false)]
    [InlineData("a", "c", 1, "a", 2, true)]
    [InlineData("a", "\0", 0, "a,b,c,d", 4, false)]
    [InlineData("b", "\0", 2, "b,c", 3, true)]
    [InlineData("a", "\0", 4, "a,b,c,d", 4, false)]
    [InlineData("x", "z", 0, "", 0, false)]
    [InlineData("c", "a", 0, "", 0, false)]
    public async Task Ranges_are_half_open_and_limited(string start, string end, int limit, string keys, int count, bool more)
    {
        foreach (var key in (string[])["d", "b", "a", "c"])
        {
            _ = await PutAsync(key, key);
        }

        var result = await RangeAsync(new(new(Bytes(start), Bytes(end)), Limit: limit));
        Assert.Equal(keys, string.Join(',', result.KeyValues.Select(static item => Encoding.UTF8.GetString(item.Key.Span))));
        Assert.Equal((count, more), ((int)result.Count, result.More));
    }

    [Fact]
    public async Task Limits_and_counts_hold_at_older_revisions_too()
    {
        var revision = 0L;
        for (var i = 0; i < 10; i++)
        {
            revision = (await PutAsync($"k{i}", "x")).Revision;
        }

        _ = await DoAsync(new StoreOperation.Delete(Prefix("k")));
        var result = await RangeAsync(new(Prefix("k"), revision, Limit: 3));
        Assert.Equal((3, 10L, true), (result.KeyValues.Count, result.Count, result.More));
    }

    [Fact]
    public async Task Counts_come_without_keys_and_keys_without_values()
    {
        _ = await DoAsync(Put("a", "1"), Put("b", "2"));
        var counted = await RangeAsync(new(Prefix(""), CountOnly: true));
        Assert.Equal((2L, 0), (counted.Count, counted.KeyValues.Count));
        var keys = await RangeAsync(new(Prefix(""), KeysOnly: true));
        Assert.All(keys.KeyValues, static item => Assert.True(item.Value.IsEmpty && item.ModRevision > 0));
    }

    [Fact]
    public async Task Reading_the_future_is_refused()
    {
        var put = await PutAsync("a", "1");
        Assert.True((await RangeAsync(new(KeyRange.One(Bytes("a")), put.Revision + 1))).Future);
    }

    [Theory]
    [InlineData(CompareTarget.Version, CompareOperator.Equal, 1, true)]
    [InlineData(CompareTarget.Version, CompareOperator.Greater, 1, false)]
    [InlineData(CompareTarget.Version, CompareOperator.Less, 2, true)]
    [InlineData(CompareTarget.Version, CompareOperator.NotEqual, 1, false)]
    [InlineData(CompareTarget.Lease, CompareOperator.Equal, 0, true)]
    [InlineData(CompareTarget.CreateRevision, CompareOperator.Greater, 0, true)]
    [InlineData(CompareTarget.ModRevision, CompareOperator.Equal, 0, false)]
    public async Task Conditions_choose_the_branch(CompareTarget target, CompareOperator compareOperator, long number, bool holds)
    {
        _ = await PutAsync("a", "1");
        var result = await TxnAsync(
            [new(KeyRange.One(Bytes("a")), target, compareOperator, number)], [Put("yes", "1")], [Put("no", "1")]);
        Assert.Equal(holds, result.Succeeded);
        Assert.NotNull(await ReadAsync(holds ? "yes" : "no"));
        Assert.Null(await ReadAsync(holds ? "no" : "yes"));
    }

    [Theory, InlineData("1", true), InlineData("2", false)]
    public async Task Values_are_compared_by_their_bytes(string value, bool holds)
    {
        _ = await PutAsync("a", "1");
        Assert.Equal(holds, (await TxnAsync(
            [new(KeyRange.One(Bytes("a")), CompareTarget.Value, CompareOperator.Equal, Value: Bytes(value))], [], [])).Succeeded);
    }

    [Theory]
    [InlineData(CompareTarget.ModRevision, CompareOperator.Equal, true)]
    [InlineData(CompareTarget.Version, CompareOperator.Greater, false)]
    [InlineData(CompareTarget.Value, CompareOperator.Equal, false)]
    [InlineData(CompareTarget.Value, CompareOperator.NotEqual, false)]
    public async Task A_missing_key_has_zeros_and_no_value(CompareTarget target, CompareOperator compareOperator, bool holds) =>
        Assert.Equal(holds, (await TxnAsync([new(KeyRange.One(Bytes("none")), target, compareOperator)], [], [])).Succeeded);

    [Theory, InlineData(0, true), InlineData(1, false)]
    public async Task A_condition_on_a_range_must_hold_for_all_of_it(long version, bool holds)
    {
        _ = await DoAsync(Put("p1", "x"), Put("p2", "x"));
        _ = await PutAsync("p2", "y");
        Assert.Equal(holds, (await TxnAsync(
            [new(Prefix("p"), CompareTarget.Version, CompareOperator.Greater, version)], [], [])).Succeeded);
    }

    [Fact]
    public async Task Operations_run_in_order_and_see_each_other()
    {
        _ = await PutAsync("a", "1");
        var result = await DoAsync(
            new StoreOperation.Read(new(KeyRange.One(Bytes("a")))), Put("a", "2"),
            new StoreOperation.Read(new(KeyRange.One(Bytes("a")))));
        Assert.Equal("1", Text(Assert.IsType<OperationResult.Read>(result.Results[0]).Result.KeyValues[0]));
        Assert.Equal("2", Text(Assert.IsType<OperationResult.Read>(result.Results[2]).Result.KeyValues[0]));
    }

    [Fact]
    public async Task Puts_and_deletions_answer_what_was_there_before()
    {
        _ = await PutAsync("a", "1");
        var put = Assert.IsType<OperationResult.Put>((await PutAsync("a", "2")).Results[0]);
        Assert.Equal("1", Text(put.Previous!));
        var deleted = Assert.IsType<OperationResult.Delete>((await DoAsync(new StoreOperation.Delete(Prefix("")))).Results[0]);
        Assert.Equal("2", Text(Assert.Single(deleted.Previous)));
    }

    [Fact]
    public async Task A_branch_may_put_a_key_once()
    {
        Assert.Equal(TxnOutcome.DuplicateKey, (await DoAsync(Put("a", "1"), Put("a", "2"))).Outcome);
        Assert.Equal(TxnOutcome.DuplicateKey, (await DoAsync(Put("a", "1"), new StoreOperation.Delete(Prefix("a")))).Outcome);
        Assert.Null(await ReadAsync("a"));
    }

    [Fact]
    public async Task Values_over_the_limit_are_refused() =>
        Assert.Equal(TxnOutcome.TooLarge, (await DoAsync(
            new StoreOperation.Put(Bytes("big"), new byte[1600 * 1024]))).Outcome);

    [Theory, InlineData(0), InlineData(7), InlineData(12)]
    public async Task A_value_is_stamped_with_its_revision(int at)
    {
        const string Value = "{\"rev\":\"\"}..";
        var result = await DoAsync(new StoreOperation.Put(Bytes("a"), Bytes(Value), StampAt: at));
        var expected = Value.Insert(at, $"{result.Revision}");
        Assert.Equal(expected, Text((await ReadAsync("a"))!));
        Assert.Equal(expected, Text(Assert.IsType<OperationResult.Put>(result.Results[0]).Stored));
        var batch = await FirstBatchAsync(new(KeyRange.One(Bytes("a")), result.Revision));
        Assert.Equal(expected, Text(batch.Events[0].KeyValue));
    }

    [Fact]
    public async Task Compaction_forbids_what_came_before()
    {
        var first = await PutAsync("a", "1");
        var second = await PutAsync("a", "2");
        _ = await PutAsync("a", "3");
        Assert.Equal(CompactResult.Done, await Store.CompactAsync(second.Revision, Cancellation));
        Assert.True((await RangeAsync(new(KeyRange.One(Bytes("a")), first.Revision))).Compacted);
        Assert.Equal("2", Text((await ReadAsync("a", second.Revision))!));
        Assert.Equal(CompactResult.AlreadyCompacted, await Store.CompactAsync(second.Revision, Cancellation));
        Assert.Equal(CompactResult.Future, await Store.CompactAsync(second.Revision + 100, Cancellation));
    }

    [Fact]
    public async Task Watches_deliver_whole_revisions_from_any_revision()
    {
        var first = await PutAsync("w/a", "1");
        _ = await PutAsync("other", "1");
        var second = await DoAsync(Put("w/a", "2"), Put("w/b", "1"));
        var third = await DeleteAsync("w/a");
        var events = await WatchAsync(new(Prefix("w/"), first.Revision, PreviousValues: true), 4);
        Assert.Equal(
            [("Put", "w/a=1", ""), ("Put", "w/a=2", "1"), ("Put", "w/b=1", ""), ("Delete", "w/a=", "2")],
            events.Select(static change => (
                change.Kind.ToString(), $"{Encoding.UTF8.GetString(change.KeyValue.Key.Span)}={Text(change.KeyValue)}",
                change.Previous is null ? "" : Text(change.Previous))));
        Assert.Equal([first.Revision, second.Revision, second.Revision, third.Revision], events.Select(static change => change.KeyValue.ModRevision));
        Assert.Equal((0L, 0L), (events[3].KeyValue.CreateRevision, events[3].KeyValue.Version));
    }

    [Fact]
    public async Task Watches_go_on_with_what_happens_later()
    {
        var put = await PutAsync("w/a", "0");
        await using var batches = Store.WatchAsync(new(Prefix("w/"), put.Revision + 1), Cancellation).GetAsyncEnumerator(Cancellation);
        var revisions = new List<long>();
        for (var i = 1; i <= 5; i++)
        {
            var next = batches.MoveNextAsync();
            var written = await PutAsync("w/a", $"{i}");
            Assert.True(await next.AsTask().WaitAsync(Eventually.Limit, Cancellation));
            Assert.Equal(written.Revision, batches.Current.Revision);
            revisions.AddRange(batches.Current.Events.Select(static change => change.KeyValue.ModRevision));
        }

        Assert.Equal(5, revisions.Distinct().Count());
    }

    [Fact]
    public async Task A_history_larger_than_a_message_arrives_whole()
    {
        var first = 0L;
        for (var i = 0; i < 30; i++)
        {
            var put = await DoAsync(new StoreOperation.Put(Bytes($"large/{i:d2}"), new byte[100_000]), Put($"large/{i:d2}+", "x"));
            first = first == 0 ? put.Revision : first;
        }

        var events = await WatchAsync(new(Prefix("large/"), first), 60);
        Assert.Equal(60, events.Count);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => first + (i / 2)), events.Select(static change => change.KeyValue.ModRevision));
        Assert.Equal(30 * 100_001, events.Sum(static change => change.KeyValue.Value.Length));
    }

    [Fact]
    public async Task A_watch_from_the_future_waits_for_it()
    {
        var put = await PutAsync("a", "0");
        await using var batches = Store.WatchAsync(new(Prefix("a"), put.Revision + 3), Cancellation).GetAsyncEnumerator(Cancellation);
        var next = batches.MoveNextAsync();
        for (var i = 1; i <= 3; i++)
        {
            _ = await PutAsync("a", $"{i}");
        }

        Assert.True(await next.AsTask().WaitAsync(Eventually.Limit, Cancellation));
        Assert.Equal("3", Text(batches.Current.Events[0].KeyValue));
    }

    [Fact]
    public async Task A_watch_of_what_was_compacted_ends_saying_so()
    {
        var first = await PutAsync("a", "1");
        var second = await PutAsync("a", "2");
        var third = await PutAsync("a", "3");
        _ = await Store.CompactAsync(third.Revision, Cancellation);
        Assert.Equal(third.Revision, (await FirstBatchAsync(new(Prefix("a"), second.Revision))).CompactedAt);
        Assert.Equal(third.Revision, (await FirstBatchAsync(new(Prefix("a"), first.Revision))).CompactedAt);
        Assert.Equal("3", Text((await FirstBatchAsync(new(Prefix("a"), third.Revision))).Events[0].KeyValue));
    }

    [Fact]
    public async Task Progress_can_be_asked_for()
    {
        var put = await PutAsync("elsewhere", "1");
        await using var batches = Store.WatchAsync(new(Prefix("a"), put.Revision + 1, ProgressNotify: true), Cancellation)
            .GetAsyncEnumerator(Cancellation);
        var next = batches.MoveNextAsync().AsTask();
        var later = await PutAsync("elsewhere", "2");
        while (!next.IsCompleted)
        {
            await Store.RequestProgressAsync(Cancellation);
            _ = await Task.WhenAny(next, Task.Delay(50, Cancellation));
        }

        Assert.True(await next);
        Assert.Empty(batches.Current.Events);
        Assert.InRange(batches.Current.Revision, put.Revision, later.Revision);
    }

    [Fact]
    public async Task A_revoked_lease_takes_its_keys_along()
    {
        var lease = await Store.GrantLeaseAsync(0, TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal((LeaseOutcome.Done, TimeSpan.FromSeconds(60)), (lease.Outcome, lease.TimeToLive));
        _ = await DoAsync(Put("l/a", "1", lease.Id), Put("l/b", "1", lease.Id), Put("l/c", "1"));
        _ = await PutAsync("l/b", "2");
        var status = await Store.FindLeaseAsync(lease.Id, Cancellation);
        Assert.Equal("l/a", Encoding.UTF8.GetString(Assert.Single(status!.Keys).Span));
        Assert.Contains(lease.Id, await Store.ListLeasesAsync(Cancellation));
        Assert.Equal(LeaseOutcome.Done, (await Store.RevokeLeaseAsync(lease.Id, Cancellation)).Outcome);
        Assert.Equal(["l/b", "l/c"], (await RangeAsync(new(Prefix("l/")))).KeyValues.Select(static item => Encoding.UTF8.GetString(item.Key.Span)));
        Assert.Equal(LeaseOutcome.NotFound, (await Store.RevokeLeaseAsync(lease.Id, Cancellation)).Outcome);
        Assert.Equal(LeaseOutcome.NotFound, (await Store.KeepLeaseAliveAsync(lease.Id, Cancellation)).Outcome);
        Assert.Null(await Store.FindLeaseAsync(lease.Id, Cancellation));
    }

    [Fact]
    public async Task A_put_needs_its_lease() =>
        Assert.Equal(TxnOutcome.LeaseNotFound, (await DoAsync(Put("a", "1", lease: 4711))).Outcome);

    [Fact]
    public async Task A_lease_id_is_given_once()
    {
        Assert.Equal(LeaseOutcome.Done, (await Store.GrantLeaseAsync(42, TimeSpan.FromSeconds(60), Cancellation)).Outcome);
        Assert.Equal(LeaseOutcome.AlreadyExists, (await Store.GrantLeaseAsync(42, TimeSpan.FromSeconds(60), Cancellation)).Outcome);
        Assert.Equal(TimeSpan.FromSeconds(60), (await Store.KeepLeaseAliveAsync(42, Cancellation)).TimeToLive);
    }

    [Fact]
    public async Task Concurrent_increments_lose_none()
    {
        _ = await PutAsync("counter", "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 25;)
            {
                var item = (await ReadAsync("counter"))!;
                var next = $"{int.Parse(Text(item)) + 1}";
                var result = await TxnAsync(
                    [new(KeyRange.One(Bytes("counter")), CompareTarget.ModRevision, CompareOperator.Equal, item.ModRevision)],
                    [Put("counter", next)], []);
                done += result.Succeeded ? 1 : 0;
            }
        })));
        Assert.Equal("200", Text((await ReadAsync("counter"))!));
    }

    protected static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(KeyValue item) => Encoding.UTF8.GetString(item.Value.Span);

    protected static KeyRange Prefix(string prefix) => KeyRange.Prefix(Bytes(prefix));

    protected static StoreOperation Put(string key, string value, long lease = 0) =>
        new StoreOperation.Put(Bytes(key), Bytes(value), lease);

    protected Task<TxnResult> PutAsync(string key, string value) => DoAsync(Put(key, value));

    protected Task<TxnResult> DeleteAsync(string key) => DoAsync(new StoreOperation.Delete(KeyRange.One(Bytes(key))));

    protected Task<TxnResult> DoAsync(params StoreOperation[] operations) => TxnAsync([], operations, []);

    protected async Task<TxnResult> TxnAsync(Compare[] compares, StoreOperation[] success, StoreOperation[] failure) =>
        await Store.TxnAsync(new(compares, success, failure), Cancellation);

    protected async Task<RangeResult> RangeAsync(RangeRequest request) => await Store.RangeAsync(request, Cancellation);

    protected async Task<KeyValue?> ReadAsync(string key, long revision = 0) =>
        (await RangeAsync(new(KeyRange.One(Bytes(key)), revision))).KeyValues.SingleOrDefault();

    protected async Task<WatchBatch> FirstBatchAsync(WatchRequest request)
    {
        await foreach (var batch in Store.WatchAsync(request, Cancellation))
        {
            return batch;
        }

        throw new InvalidOperationException("the watch ended without a word");
    }

    protected async Task<List<StoreEvent>> WatchAsync(WatchRequest request, int count)
    {
        var events = new List<StoreEvent>();
        await foreach (var batch in Store.WatchAsync(request, Cancellation))
        {
            events.AddRange(batch.Events);
            if (events.Count >= count)
            {
                break;
            }
        }

        return events;
    }
}
