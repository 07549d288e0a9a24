using System.Threading.Tasks.Sources;

namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>One watcher's place to wait: reused for every wait, so that waking thousands allocates nothing.</summary>
internal sealed class Watcher : IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private ManualResetValueTaskSourceCore<bool> core;
    private int state;

    /// <summary>Waits until woken, by the group or by cancellation.</summary>
    public ValueTask WaitAsync(WatchGroup group, long position, CancellationToken cancellationToken)
    {
        core.Reset();
        var wait = new ValueTask(this, core.Version);
        Volatile.Write(ref state, Waiting);
        if (!group.TryWait(this, position) || cancellationToken.IsCancellationRequested)
        {
            Wake(inline: false);
        }

        return wait;
    }

    /// <param name="inline">The watcher goes on at once, on this thread; this returns when it waits again.</param>
    public void Wake(bool inline)
    {
        if (Interlocked.CompareExchange(ref state, Idle, Waiting) == Waiting)
        {
            core.RunContinuationsAsynchronously = !inline;
            core.SetResult(true);
        }
    }

    void IValueTaskSource.GetResult(short token) => core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);
}
