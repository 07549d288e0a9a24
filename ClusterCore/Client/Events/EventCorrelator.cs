using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Client.Events;

/// <summary>
/// Keeps events from flooding the cluster, with client-go's numbers: per object 25 at once and then one in five minutes; from the tenth
/// different message of one reason within ten minutes on they become one; an event seen before only counts up. Warnings have room of
/// their own, unlike client-go's: what goes well, however often, drowns nothing that does not.
/// </summary>
internal sealed class EventCorrelator(TimeProvider clock)
{
    private const int Remembered = 4096;
    private const int SimilarAllowed = 10;
    private static readonly TimeSpan SimilarWithin = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(string? Uid, string? Name, string? Type), RateLimit> limits = [];
    private readonly Dictionary<Key, Similar> similar = [];
    private readonly Dictionary<(Key Key, string? Message), Event> seen = [];

    /// <returns>The event to write, with a count above one where it was written before; null where it is dropped.</returns>
    public Event? Correlate(Event happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        ForgetWhenFull();
        var about = happened.InvolvedObject;
        if (!Limit((about?.Uid, about?.Name, happened.Type)).TryTake())
        {
            return null;
        }
        var key = new Key(about?.Uid, about?.Name, about?.FieldPath, happened.Type, happened.Reason);
        var together = CombineSimilar(key, happened.Message);
        var message = together ? $"(combined from similar events): {happened.Message}" : happened.Message;
        var identity = (key, together ? null : happened.Message);
        if (seen.TryGetValue(identity, out var before))
        {
            happened = before with { Count = before.Count + 1, LastTimestamp = happened.LastTimestamp };
        }
        return seen[identity] = happened with { Message = message };
    }

    private bool CombineSimilar(Key key, string? message)
    {
        var now = clock.GetUtcNow();
        if (!similar.TryGetValue(key, out var group) || now - group.LastSeen > SimilarWithin)
        {
            similar[key] = group = new();
        }
        group.LastSeen = now;
        // A message that was there before stays what it is: only new ones beyond the limit become one.
        if (group.Messages.Count < SimilarAllowed - 1)
        {
            group.Messages.Add(message);
            return false;
        }
        return !group.Messages.Contains(message);
    }

    private RateLimit Limit((string? Uid, string? Name, string? Type) about)
    {
        if (!limits.TryGetValue(about, out var limit))
        {
            limits[about] = limit = new RateLimit(1.0 / 300, 25, clock);
        }
        return limit;
    }

    private void ForgetWhenFull()
    {
        if (seen.Count >= Remembered || limits.Count >= Remembered || similar.Count >= Remembered)
        {
            seen.Clear();
            limits.Clear();
            similar.Clear();
        }
    }

    private readonly record struct Key(string? Uid, string? Name, string? FieldPath, string? Type, string? Reason);

    private sealed class Similar
    {
        public HashSet<string?> Messages { get; } = [];
        public DateTimeOffset LastSeen { get; set; }
    }
}
