using System.Threading.Channels;
using Flotilla.ClusterCore.Client;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>Which objects changed since they were last taken, each once: what piles up while a transaction runs goes into the next one.</summary>
internal sealed class ChangedKeys
{
    private readonly Lock gate = new();
    private readonly Channel<bool> arrival = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<NamespacedName> keys = [];

    public void Add(NamespacedName key)
    {
        lock (gate) { keys.Add(key); }
        arrival.Writer.TryWrite(true);
    }

    public async Task<IReadOnlyCollection<NamespacedName>> TakeAsync(CancellationToken cancellationToken)
    {
        await arrival.Reader.ReadAsync(cancellationToken);
        return TakeNow();
    }

    /// <returns>Nothing when nothing has changed for <paramref name="limit"/>.</returns>
    public async Task<IReadOnlyCollection<NamespacedName>> TakeAsync(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var quiet = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellationToken);
        try
        {
            return await TakeAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    public IReadOnlyCollection<NamespacedName> TakeNow()
    {
        lock (gate)
        {
            var taken = keys;
            keys = [];
            return taken;
        }
    }
}
