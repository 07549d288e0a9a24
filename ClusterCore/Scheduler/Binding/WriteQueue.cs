using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Scheduler.Binding;

/// <summary>Runs writes beside the scheduling loop, many in flight at one time: the loop goes on while the API answers.</summary>
internal sealed partial class WriteQueue(int parallelism, ILogger logger)
{
    private readonly Channel<Func<CancellationToken, Task>> writes =
        Channel.CreateBounded<Func<CancellationToken, Task>>(new BoundedChannelOptions(1024) { SingleWriter = true });

    /// <summary>Waits only when the API is so far behind that more in flight would not help.</summary>
    public ValueTask AddAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken) =>
        writes.Writer.WriteAsync(write, cancellationToken);

    /// <summary>For what mostly waits: it begins at once and takes no place among the writes in flight.</summary>
    public void Begin(Func<CancellationToken, Task> work, CancellationToken cancellationToken) => _ = TryAsync(work, cancellationToken);

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, parallelism).Select(_ => WorkAsync(cancellationToken)));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var write in writes.Reader.ReadAllAsync(cancellationToken)) { await TryAsync(write, cancellationToken); }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A write of the scheduler failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
