using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>How long each of many things that keep failing has to wait: longer each time, forgotten after twice the longest.</summary>
internal sealed class FailureBackoff(TimeSpan first, TimeSpan longest, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset Until)> entries = new(StringComparer.Ordinal);

    /// <summary>Zero when the thing may be tried now, which counts as one more failure.</summary>
    public TimeSpan Wait(string id)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            Forget(now);
            var (failures, until) = entries.GetValueOrDefault(id);
            if (until > now)
            {
                return until - now;
            }
            entries[id] = (failures + 1, now + Backoff.After(failures, first, longest));
            return TimeSpan.Zero;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (id, entry) in entries.Where(entry => now - entry.Value.Until > longest * 2).ToArray())
        {
            entries.Remove(id);
        }
    }
}
