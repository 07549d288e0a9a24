namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>Something happened: any number of sets before a wait are one.</summary>
internal sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim semaphore = new(0, 1);
    private readonly Lock gate = new();

    public void Set()
    {
        lock (gate)
        {
            if (semaphore.CurrentCount == 0)
            {
                semaphore.Release();
            }
        }
    }

    /// <returns>True when <paramref name="limit"/> has passed without a set.</returns>
    public async Task<bool> WaitAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            await semaphore.WaitAsync(cancellationToken);
            return false;
        }

        using var timer = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await semaphore.WaitAsync(either.Token);
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    public void Dispose() => semaphore.Dispose();
}
