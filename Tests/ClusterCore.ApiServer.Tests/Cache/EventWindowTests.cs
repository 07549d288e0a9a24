using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Cache;

public sealed class EventWindowTests
{
    private static readonly TimeSpan stale = TimeSpan.FromSeconds(76);
    private readonly EventWindow window = new(startRevision: 100);

    [Fact]
    public void Changes_are_kept_while_a_client_may_come_back()
    {
        Add(1_000, A.Noon);
        window.Trim(A.Noon + TimeSpan.FromSeconds(60));
        Assert.Equal((100, 1_000), (window.CompleteAfter, window.After(100).Count()));
    }

    [Fact]
    public void Quiet_times_give_the_memory_back_but_for_the_newest()
    {
        Add(1_000, A.Noon);
        window.Trim(A.Noon + stale);
        Assert.Equal((1_036, 64), (window.CompleteAfter, window.After(window.CompleteAfter).Count()));
        Assert.Equal(1_037, window.After(0).First().Revision);
    }

    [Fact]
    public void What_comes_after_is_kept_again()
    {
        Add(1_000, A.Noon);
        window.Trim(A.Noon + stale);
        Add(200, A.Noon + stale, after: 1_100);
        Assert.Equal(Enumerable.Range(1_101, 200).Select(static revision => (long)revision), window.After(1_100).Select(static change => change.Revision));
        Assert.InRange(window.CompleteAfter, 1_036, 1_100);
    }

    [Fact]
    public void Large_objects_do_not_pile_up_however_fresh_their_changes_are()
    {
        var entry = new CacheEntry(new(new("", "configmaps"), "default", "large"), new byte[100_000], 1);
        for (var i = 1; i <= 1_000; i++) { window.Add(new(100 + i, entry, entry) { At = A.Noon }); }
        Assert.InRange(window.After(0).Sum(static change => change.Current!.Value.Length), 4_000_000, 9_000_000);
        Assert.Equal(window.CompleteAfter + 1, window.After(0).First().Revision);
        Assert.Equal(1_100, window.After(0).Last().Revision);
    }

    private void Add(int count, DateTimeOffset at, long after = 100)
    {
        for (var i = 1; i <= count; i++) { window.Add(new(after + i, null, null) { At = at }); }
    }
}
