using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>
/// How often the node starts containers, and how many at the same time: what starts side by side beyond what the cores can do starts
/// no sooner, and keeps the running ones from them. Restarts have limits of their own and low ones, so that a thousand containers that
/// crash take neither the cpu from their neighbours nor the turn from pods that are new.
/// </summary>
/// <param name="cores">Of the machine.</param>
internal sealed class ContainerStarts(int cores, TimeProvider clock) : IDisposable
{
    private const int StartsPerCore = 8;

    private readonly RateLimit starts = new(perSecond: 30, burst: 100, clock);
    private readonly RateLimit restarts = new(perSecond: 5, burst: 20, clock);
    private readonly SemaphoreSlim starting = new(StartsPerCore * cores);
    private readonly SemaphoreSlim restarting = new(cores);

    /// <summary>Waits until one more may start.</summary>
    /// <returns>To be disposed of when it has started, or will not.</returns>
    public async Task<IDisposable> TurnAsync(bool again, CancellationToken cancellationToken)
    {
        var (limit, slots) = again ? (restarts, restarting) : (starts, starting);
        if (limit.Reserve() is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, clock, cancellationToken);
        }
        await slots.WaitAsync(cancellationToken);
        return new Turn(slots);
    }

    public void Dispose()
    {
        starting.Dispose();
        restarting.Dispose();
    }

    private sealed class Turn(SemaphoreSlim slots) : IDisposable
    {
        private bool over;

        public void Dispose()
        {
            if (!over)
            {
                over = true;
                slots.Release();
            }
        }
    }
}
