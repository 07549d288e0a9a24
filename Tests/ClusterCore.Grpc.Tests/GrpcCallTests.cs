namespace Flotilla.ClusterCore.Grpc.Tests;

public sealed class GrpcCallTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, InlineData(""), InlineData("hello"), InlineData("안녕")]
    public async Task Unary_calls_carry_one_message_each_way(string message)
    {
        await using var server = await EchoServer.StartAsync();
        Assert.Equal(message, await server.Channel.UnaryAsync(EchoServer.Echo, message, Cancellation));
    }

    [Fact]
    public async Task Large_messages_arrive_whole()
    {
        await using var server = await EchoServer.StartAsync();
        var message = new string('x', 99_999);
        Assert.Equal(message, await server.Channel.UnaryAsync(EchoServer.Echo, message, Cancellation));
    }

    [Fact]
    public async Task Messages_over_the_limit_are_refused()
    {
        await using var server = await EchoServer.StartAsync();
        var failure = await Assert.ThrowsAsync<GrpcException>(
            () => server.Channel.UnaryAsync(EchoServer.Echo, new string('x', 100_001), Cancellation));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task A_status_and_its_text_reach_the_client()
    {
        await using var server = await EchoServer.StartAsync();
        var failure = await Assert.ThrowsAsync<GrpcException>(
            () => server.Channel.UnaryAsync(EchoServer.Fail, "없음 50%\n", Cancellation));
        Assert.Equal((GrpcStatusCode.NotFound, "없음 50%\n"), (failure.StatusCode, failure.Detail));
    }

    [Fact]
    public async Task Unknown_methods_are_unimplemented()
    {
        await using var server = await EchoServer.StartAsync();
        var failure = await Assert.ThrowsAsync<GrpcException>(
            () => server.Channel.UnaryAsync(EchoServer.Unknown, "", Cancellation));
        Assert.Equal(GrpcStatusCode.Unimplemented, failure.StatusCode);
    }

    [Fact]
    public async Task A_deadline_ends_a_call()
    {
        await using var server = await EchoServer.StartAsync();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => server.Channel.UnaryAsync(
            EchoServer.Hang, "", Cancellation, new(Timeout: TimeSpan.FromMilliseconds(50))));
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.StatusCode);
    }

    [Fact]
    public async Task Cancelling_ends_a_call()
    {
        await using var server = await EchoServer.StartAsync();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => server.Channel.UnaryAsync(EchoServer.Hang, "", stop.Token));
    }

    [Fact]
    public async Task A_missing_server_is_unavailable()
    {
        using var channel = GrpcChannel.ForUnixSocket("/nowhere/at/all");
        var failure = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoServer.Echo, "", Cancellation));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.StatusCode);
    }

    [Fact]
    public async Task A_server_stream_gives_its_messages_then_its_status()
    {
        await using var server = await EchoServer.StartAsync();
        var received = new List<string>();
        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            await foreach (var message in server.Channel.ServerStreamAsync(EchoServer.Count, "3", Cancellation))
            {
                received.Add(message);
            }
        });
        Assert.Equal(["0", "1", "2"], received);
        Assert.Equal(GrpcStatusCode.OutOfRange, failure.StatusCode);
    }

    [Fact]
    public async Task Duplex_calls_answer_while_requests_are_still_sent()
    {
        await using var server = await EchoServer.StartAsync();
        using var call = server.Channel.Duplex(EchoServer.Chat, Cancellation);
        await using var answers = call.ReadAllAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        foreach (var message in (string[])["one", "two"])
        {
            await call.WriteAsync(message);
            Assert.True(await answers.MoveNextAsync());
            Assert.Equal($"re: {message}", answers.Current);
        }

        call.CompleteRequests();
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact]
    public async Task Many_calls_share_a_channel()
    {
        await using var server = await EchoServer.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            i => server.Channel.UnaryAsync(EchoServer.Echo, $"{i}", Cancellation)));
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => $"{i}"), answers);
    }
}
