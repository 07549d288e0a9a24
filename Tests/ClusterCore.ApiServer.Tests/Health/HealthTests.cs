using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Health;
using Flotilla.ClusterCore.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Flotilla.ClusterCore.ApiServer.Tests.Health;

[Collection(ServerCollection.Name)]
public sealed class HealthTests(RunningServer server)
{
    [Theory]
    [InlineData("/livez/etcd", 200, "ok")]
    [InlineData("/readyz/poststarthook/rbac/bootstrap-roles", 200, "ok")]
    [InlineData("/readyz/nonsense", 404, "could not find the requested resource")]
    [InlineData("/livez?verbose", 200, "[+]etcd ok\n")]
    [InlineData("/readyz?verbose", 200, "[+]informer-sync ok\n")]
    [InlineData("/healthz?verbose", 200, "healthz check passed\n")]
    [InlineData("/readyz?verbose&exclude=etcd", 200, "[+]etcd excluded: ok\n")]
    [InlineData("/readyz?verbose&exclude=nonsense", 200, "warn: some health checks cannot be excluded: no matches for \"nonsense\"\n")]
    public async Task Checks_are_told_together_or_one_by_one(string path, int code, string expected)
    {
        var reply = await server.GetAsync(path);
        Assert.Equal(code, reply.Code);
        Assert.Contains(expected, reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_neither_alive_nor_ready()
    {
        var store = Substitute.For<IStore>();
        store.WhenForAnyArgs(static one => one.RangeAsync(null!, default)).Throw(new IOException("the disk is gone"));
        await using var feed = new WatchFeed(store, TimeProvider.System, NullLogger<WatchFeed>.Instance);
        var checks = new HealthChecks(store, feed, new());
        Assert.Equal("the disk is gone", await ProblemAsync(checks, "livez", "etcd"));
        Assert.Equal("the disk is gone", await ProblemAsync(checks, "readyz", "etcd-readiness"));
        Assert.NotNull(await ProblemAsync(checks, "readyz", "informer-sync"));
    }

    private static async Task<string?> ProblemAsync(HealthChecks checks, string endpoint, string name) =>
        await checks.Of(endpoint).Single(check => check.Name == name).Problem(CancellationToken.None);
}
