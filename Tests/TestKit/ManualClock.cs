namespace Flotilla.TestKit;

/// <summary>A clock that stands still until a test moves it; timers and delays fire while it moves, in their order.</summary>
public sealed class ManualClock(DateTimeOffset? start = null) : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = start ?? A.Noon;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (NextDue(until) is { } timer)
        {
            timer.Fire();
        }
        lock (gate)
        {
            now = until;
        }
    }

    private Timer? NextDue(DateTimeOffset until)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null)
            {
                return null;
            }
            now = next.Due > now ? next.Due : now;
            next.Due = next.Period > TimeSpan.Zero ? next.Due + next.Period : DateTimeOffset.MaxValue;
            return next;
        }
    }

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; } = DateTimeOffset.MaxValue;
        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                Due = dueTime < TimeSpan.Zero ? DateTimeOffset.MaxValue : clock.now + dueTime;
                Period = period < TimeSpan.Zero ? TimeSpan.Zero : period;
                if (!clock.timers.Contains(this))
                {
                    clock.timers.Add(this);
                }
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
