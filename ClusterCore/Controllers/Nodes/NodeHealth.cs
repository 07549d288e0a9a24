using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>When each node was last heard of, on this process's own clock: clocks of different machines are never compared.</summary>
internal sealed class NodeHealth(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Heard> heard = new(StringComparer.Ordinal);

    public void SeeLease(string node, Lease lease) => See(node, known => known with { Lease = lease.Spec.RenewTime });

    public void SeeNode(Node node) => See(node.Metadata.Name, known => known with { Heartbeat = node.Condition("Ready")?.LastHeartbeatTime });

    public void Forget(string node)
    {
        lock (gate)
        {
            heard.Remove(node);
        }
    }

    /// <summary>As if every node had been heard of just now: the silence was this member's own.</summary>
    public void Forgive()
    {
        lock (gate)
        {
            foreach (var (node, known) in heard.ToArray())
            {
                heard[node] = known with { At = clock.GetTimestamp() };
            }
        }
    }

    /// <summary>For how long the node has been silent.</summary>
    public TimeSpan Silence(string node)
    {
        lock (gate)
        {
            if (!heard.TryGetValue(node, out var known))
            {
                heard[node] = known = new(null, null, clock.GetTimestamp());
            }
            return clock.GetElapsedTime(known.At);
        }
    }

    private void See(string node, Func<Heard, Heard> see)
    {
        lock (gate)
        {
            var known = heard.GetValueOrDefault(node) ?? new(null, null, clock.GetTimestamp());
            var seen = see(known);
            heard[node] = seen == known ? known : seen with { At = clock.GetTimestamp() };
        }
    }

    private sealed record Heard(DateTimeOffset? Lease, DateTimeOffset? Heartbeat, long At);
}
