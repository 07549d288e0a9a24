namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>Requests that wait for the feed to reach a revision.</summary>
internal sealed class RevisionWaiters
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> waiting = new();

    public Task WaitAsync(long revision, Func<long> current, CancellationToken cancellationToken)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            // Looked at again under the lock: a release may have passed by in between.
            if (current() >= revision) { return Task.CompletedTask; }
            waiting.Enqueue(source, revision);
        }

        return source.Task.WaitAsync(cancellationToken);
    }

    public void Release(long revision)
    {
        lock (gate)
        {
            while (waiting.TryPeek(out var source, out var wanted) && wanted <= revision)
            {
                waiting.Dequeue();
                source.TrySetResult();
            }
        }
    }
}
