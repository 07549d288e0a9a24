using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Storage.Etcd.Client;

/// <summary>
/// Has the members forget what was superseded longer ago than the history's age, as they do not do it by themselves. Every
/// client of the members may do so: whoever comes second is told that it is done.
/// </summary>
internal sealed partial class EtcdCompactor(IStore store, TimeSpan age, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private Task loop = Task.CompletedTask;

    public void Start() => loop = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        var before = 0L;
        while (true)
        {
            var now = store.Revision;
            if (before > 0)
            {
                await CompactAsync(before);
            }

            before = now;
            await Task.Delay(age, clock, stop.Token);
        }
    }

    private async Task CompactAsync(long revision)
    {
        try
        {
            _ = await store.CompactAsync(revision, stop.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(logger, revision, exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Compacting etcd at revision {Revision} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, long revision, Exception exception);
}
