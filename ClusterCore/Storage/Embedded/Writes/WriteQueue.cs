using System.Diagnostics.CodeAnalysis;

namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>Where writes wait for the writer's thread. Bounded by the callers, who each hold a slot.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds no handle, and the last writers return their slots when all else is closed.")]
internal sealed class WriteQueue
{
    private const int Slots = 8192;
    private const int MaxBatch = 4096;
    private readonly object gate = new();
    private readonly SemaphoreSlim slots = new(Slots);
    private readonly Queue<PendingWrite> waiting = new();
    private bool closed;

    /// <summary>Waits for a slot; the caller gives it back when its write is done.</summary>
    public Task TakeSlotAsync(CancellationToken cancellationToken) => slots.WaitAsync(cancellationToken);

    public void ReturnSlot() => slots.Release();

    /// <returns>False when the queue is closed.</returns>
    public bool TryAdd(PendingWrite write)
    {
        lock (gate)
        {
            if (closed)
            {
                return false;
            }

            waiting.Enqueue(write);
            if (waiting.Count == 1)
            {
                Monitor.Pulse(gate);
            }

            return true;
        }
    }

    /// <summary>Whether a write could be made at once, without overtaking another.</summary>
    public bool IsOpenAndEmpty
    {
        get
        {
            lock (gate)
            {
                return !closed && waiting.Count == 0;
            }
        }
    }

    /// <summary>Blocks until there is something to write.</summary>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Wait()
    {
        lock (gate)
        {
            while (waiting.Count == 0)
            {
                if (closed)
                {
                    return false;
                }

                _ = Monitor.Wait(gate);
            }

            return true;
        }
    }

    /// <summary>Takes what is one batch of what waits; there must be something.</summary>
    public void TakeBatch(List<PendingWrite> batch)
    {
        lock (gate)
        {
            do
            {
                batch.Add(waiting.Dequeue());
            }
            while (batch.Count < MaxBatch && !batch[^1].Alone && waiting.TryPeek(out var next) && !next.Alone);
        }
    }

    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }
}
