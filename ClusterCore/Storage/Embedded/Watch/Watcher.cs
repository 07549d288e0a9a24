using System.Threading.Tasks.Sources;

namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>One watcher's place to wait: reused for every wait, so that waking thousands allocates nothing.</summary>
internal sealed class Watcher : IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private ManualResetValueTaskSourceCore<bool> core;
    private int state;

    /// <summary>Where it is among its group's members; the group's.</summary>
    public int Place { get; set; }

    /// <summary>Waits until woken, by the group or by cancellation; now and then without a reason.</summary>
    public ValueTask WaitAsync(WatchGroup group, long position, CancellationToken cancellationToken)
    {
        core.Reset();
        var wait = new ValueTask(this, core.Version);

        // With its fence: either the group sees that this one waits, or this one sees what the group has put there.
        _ = Interlocked.Exchange(ref state, Waiting);
        if (group.End != position || cancellationToken.IsCancellationRequested)
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
