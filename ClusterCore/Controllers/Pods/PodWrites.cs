using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>
/// What all controllers together may ask of the API server at a time: creations by a rate, and so few writes at once that there is room
/// left for everybody else's.
/// </summary>
internal sealed class PodWrites(ControllerManagerOptions options, TimeProvider clock) : IDisposable
{
    private readonly RateLimit creations = new(options.PodCreationsPerSecond, options.PodCreationBurst, clock);
    private readonly SemaphoreSlim room = new(options.PodWritesAtOnce);

    public async Task<T> CreateAsync<T>(Func<Task<T>> create, CancellationToken cancellationToken)
    {
        if (creations.Reserve() is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, clock, cancellationToken);
        }
        return await DeleteAsync(create, cancellationToken);
    }

    /// <summary>Deletions have no rate: they only ever make a cluster lighter.</summary>
    public async Task<T> DeleteAsync<T>(Func<Task<T>> delete, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken);
        try
        {
            return await delete();
        }
        finally
        {
            room.Release();
        }
    }

    public void Dispose() => room.Dispose();
}
