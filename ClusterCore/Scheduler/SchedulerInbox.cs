using System.Threading.Channels;

namespace Flotilla.ClusterCore.Scheduler;

/// <summary>
/// What happened while the loop was busy, in order. Informers and bindings put in, the loop takes out between two pods, so
/// that everything it works with has one owner and no locks.
/// </summary>
internal sealed class SchedulerInbox
{
    private readonly Lock gate = new();
    private readonly Channel<bool> arrival = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private List<Action> waiting = [];
    private List<Action> taken = [];

    public void Post(Action message)
    {
        lock (gate)
        {
            waiting.Add(message);
            if (waiting.Count > 1) { return; }
        }
        arrival.Writer.TryWrite(true);
    }

    /// <summary>Runs what has arrived, on the caller's thread.</summary>
    public void Drain()
    {
        lock (gate)
        {
            if (waiting.Count == 0) { return; }
            (taken, waiting) = (waiting, taken);
        }
        foreach (var message in taken) { message(); }
        taken.Clear();
    }

    /// <summary>Waits for the next arrival, or until the limit has passed.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var timer = clock.CreateTimer(_ => arrival.Writer.TryWrite(true), null, limit, Timeout.InfiniteTimeSpan);
        await arrival.Reader.ReadAsync(cancellationToken);
    }
}
