using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

public sealed class InflightLimitTests
{
    private static RequestInfo Asking(string verb, string subresource = "") => new(true, "", verb) { Subresource = subresource };

    [Fact]
    public void Reads_and_writes_have_limits_of_their_own_and_what_lasts_has_none()
    {
        var limit = new InflightLimit(reading: 1, writing: 1);
        using var read = limit.TryEnter(Asking("get"));
        Assert.NotNull(read);
        Assert.Null(limit.TryEnter(Asking("list")));
        var write = limit.TryEnter(Asking("create"));
        Assert.NotNull(write);
        Assert.Null(limit.TryEnter(Asking("patch")));
        Assert.NotNull(limit.TryEnter(Asking("watch")));
        Assert.NotNull(limit.TryEnter(Asking("create", "exec")));
        write.Value.Dispose();
        Assert.NotNull(limit.TryEnter(Asking("delete")));
        Assert.Equal((1, 1), (limit.Reading, limit.Writing));
    }

    [Fact]
    public void Who_finds_no_room_is_told_when_to_come_again()
    {
        var refusal = Refusal.TooManyRequests("too many requests, please try again later", 1).Status;
        Assert.Equal((429, "TooManyRequests", 1), (refusal.Code, refusal.Reason, refusal.RetryAfterSeconds));
    }
}
