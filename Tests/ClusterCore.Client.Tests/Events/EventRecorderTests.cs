using System.Net;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.ClusterCore.Client.Tests.Events;

public sealed class EventRecorderTests : IAsyncDisposable
{
    private readonly Server server = new();
    private readonly ManualClock clock = new();
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, 2)]
    [InlineData(HttpStatusCode.TooManyRequests, 2)]
    [InlineData(HttpStatusCode.Forbidden, 1)]
    public async Task What_the_server_cannot_take_now_is_tried_again_and_what_it_refuses_is_not(HttpStatusCode first, int expected)
    {
        server.Answers.Enqueue(first);
        var recorder = Start();
        recorder.Record(A.Pod("web-0"), EventType.Normal, "Started", "one");
        await Eventually.TrueAsync(() => server.Requests == 1, "it is sent");
        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return server.Requests == expected;
            },
            "as often as is right");
        recorder.Record(A.Pod("web-1"), EventType.Normal, "Started", "two");
        await Eventually.TrueAsync(() => server.Requests == expected + 1, "the next is not held up");
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
        server.Dispose();
    }

    private EventRecorder Start()
    {
        var client = new ApiClient(new HttpMessageInvoker(server), new Uri("https://cluster.test"));
        var recorder = new EventRecorder(client, "test", clock, NullLogger.Instance);
        running = recorder.RunAsync(stopping.Token);
        return recorder;
    }

    /// <summary>Gives the answers it was told to, then takes everything.</summary>
    private sealed class Server : HttpMessageHandler
    {
        private int requests;

        public Queue<HttpStatusCode> Answers { get; } = new();

        public int Requests => Volatile.Read(ref requests);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var status = Answers.TryDequeue(out var told) ? told : HttpStatusCode.Created;
            Interlocked.Increment(ref requests);
            var body = status == HttpStatusCode.Created
                ? """{"apiVersion":"v1","kind":"Event","metadata":{"name":"e","namespace":"default"}}"""
                : $$"""{"kind":"Status","status":"Failure","code":{{(int)status}},"message":"no"}""";
            return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
        }
    }
}
