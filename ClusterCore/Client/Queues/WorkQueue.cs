namespace Flotilla.ClusterCore.Client.Queues;

/// <summary>How long a failing key waits: doubling from the first to the longest.</summary>
public sealed record WorkQueueOptions
{
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(5);
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(1000);
}

/// <summary>
/// Keys to work on. A key is in the queue at most once, and never worked on twice at a time: added while it is worked on, it comes
/// again after <see cref="Done"/>.
/// </summary>
public sealed class WorkQueue<TKey> : IDisposable where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Queue<TKey> ready = new();
    private readonly HashSet<TKey> waiting = [];
    private readonly HashSet<TKey> working = [];
    private readonly Dictionary<TKey, int> failures = [];
    private readonly Dictionary<TKey, DateTimeOffset> delayed = [];
    private readonly PriorityQueue<TKey, DateTimeOffset> schedule = new();
    private readonly SemaphoreSlim available = new(0);
    private readonly WorkQueueOptions options;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private DateTimeOffset timerDue = DateTimeOffset.MaxValue;

    public WorkQueue(WorkQueueOptions? options = null, TimeProvider? clock = null)
    {
        this.options = options ?? new();
        this.clock = clock ?? TimeProvider.System;
        timer = this.clock.CreateTimer(_ => AddDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that could be worked on now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return ready.Count;
            }
        }
    }

    public void Add(TKey key)
    {
        lock (gate)
        {
            AddLocked(key);
        }
    }

    /// <summary>Adds the key after a while; of several waits for one key the shortest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }
        lock (gate)
        {
            var due = clock.GetUtcNow() + delay;
            if (delayed.TryGetValue(key, out var known) && known <= due)
            {
                return;
            }
            delayed[key] = due;
            schedule.Enqueue(key, due);
            SetTimer();
        }
    }

    /// <summary>Adds the key after its own back-off, which grows until <see cref="Forget"/>.</summary>
    public void AddRateLimited(TKey key)
    {
        int failed;
        lock (gate)
        {
            failed = failures.GetValueOrDefault(key);
            failures[key] = failed + 1;
        }
        AddAfter(key, Backoff.After(failed, options.FirstRetry, options.LongestRetry));
    }

    public void Forget(TKey key)
    {
        lock (gate)
        {
            failures.Remove(key);
        }
    }

    /// <summary>Waits for a key. Whoever takes it must say <see cref="Done"/>.</summary>
    public async Task<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        await available.WaitAsync(cancellationToken);
        lock (gate)
        {
            var key = ready.Dequeue();
            waiting.Remove(key);
            working.Add(key);
            return key;
        }
    }

    /// <summary>Takes a key if one is ready.</summary>
    public bool TryTake(out TKey? key)
    {
        key = default;
        if (!available.Wait(0, CancellationToken.None))
        {
            return false;
        }
        lock (gate)
        {
            key = ready.Dequeue();
            waiting.Remove(key);
            working.Add(key);
            return true;
        }
    }

    public void Done(TKey key)
    {
        lock (gate)
        {
            working.Remove(key);
            if (waiting.Contains(key))
            {
                ready.Enqueue(key);
                available.Release();
            }
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        available.Dispose();
    }

    private void AddLocked(TKey key)
    {
        if (waiting.Add(key) && !working.Contains(key))
        {
            ready.Enqueue(key);
            available.Release();
        }
    }

    private void AddDue()
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            while (schedule.TryPeek(out var key, out var due) && due <= now)
            {
                schedule.Dequeue();
                // An entry that an earlier one replaced is no longer the key's time.
                if (delayed.TryGetValue(key, out var wanted) && wanted == due)
                {
                    delayed.Remove(key);
                    AddLocked(key);
                }
            }
            timerDue = DateTimeOffset.MaxValue;
            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (schedule.TryPeek(out _, out var next) && next < timerDue)
        {
            timerDue = next;
            var wait = next - clock.GetUtcNow();
            // Timers count whole milliseconds: rounded down, one would fire before its key is due.
            var whole = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, wait.TotalMilliseconds)));
            timer.Change(whole, Timeout.InfiniteTimeSpan);
        }
    }
}
