using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Client.Queues;

/// <summary>What a reconcile asks for next: nothing, or the same key again after a while, which is not a failure.</summary>
public readonly record struct ReconcileResult(TimeSpan? RequeueAfter)
{
    public static ReconcileResult Done => default;
}

/// <summary>Works through a queue: a reconcile that throws is tried again after its key's back-off.</summary>
public sealed partial class Controller(
    string name,
    WorkQueue<NamespacedName> queue,
    Func<NamespacedName, CancellationToken, Task<ReconcileResult>> reconcile,
    ILogger logger,
    int workers = 2)
{
    public string Name { get; } = name;

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkAsync(cancellationToken)));

    /// <summary>Takes one key and reconciles it.</summary>
    public async Task ReconcileNextAsync(CancellationToken cancellationToken)
    {
        var key = await queue.TakeAsync(cancellationToken);
        try
        {
            var result = await reconcile(key, cancellationToken);
            queue.Forget(key);
            if (result.RequeueAfter is { } delay)
            {
                queue.AddAfter(key, delay);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, Name, key.ToString(), exception.Message);
            queue.AddRateLimited(key);
        }
        finally
        {
            queue.Done(key);
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await ReconcileNextAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Controller} could not reconcile {Key}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string controller, string key, string reason);
}
