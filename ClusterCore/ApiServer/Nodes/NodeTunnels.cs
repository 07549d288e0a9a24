using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// Connections that nodes have opened because nobody can dial them. Each waits until this server has something to say to the
/// node's kubelet, carries that one conversation, and ends; the node opens the next.
/// </summary>
internal sealed class NodeTunnels
{
    private const int MostWaiting = 64;

    private readonly ConcurrentDictionary<string, Node> nodes = new(StringComparer.Ordinal);

    /// <summary>Whether the node is reached this way.</summary>
    public bool Has(string node) => nodes.TryGetValue(node, out var known) && known.Open > 0;

    /// <summary>Keeps a connection until it is taken; returns when it is over.</summary>
    public async Task ParkAsync(string node, Stream stream, CancellationToken cancellationToken)
    {
        var known = nodes.GetOrAdd(node, static _ => new());
        await using var tunnel = new NodeTunnel(stream);
        known.Opened();
        try
        {
            if (known.Waiting.Writer.TryWrite(tunnel))
            {
                await tunnel.Ended.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            known.Closed();
        }
    }

    /// <summary>The next connection whose node still answers.</summary>
    public async ValueTask<Stream> TakeAsync(string node, CancellationToken cancellationToken)
    {
        var known = nodes.GetOrAdd(node, static _ => new());
        while (true)
        {
            var tunnel = await known.Waiting.Reader.ReadAsync(cancellationToken);
            if (await tunnel.WakeAsync(cancellationToken)) { return tunnel; }
            await tunnel.DisposeAsync();
        }
    }

    private sealed class Node
    {
        private int open;

        public int Open => Volatile.Read(ref open);

        public Channel<NodeTunnel> Waiting { get; } = Channel.CreateBounded<NodeTunnel>(MostWaiting);

        public void Opened() => Interlocked.Increment(ref open);

        public void Closed() => Interlocked.Decrement(ref open);
    }
}
