using Flotilla.ClusterCore.ApiServer.Authentication;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>
/// How many requests may be worked on at once: 400 that read and 200 that write, upstream's defaults. Watches and streams do
/// not count, they wait more than they work, and <c>system:masters</c> find room always: somebody must be able to put things right.
/// </summary>
internal sealed class InflightLimit(int reading, int writing)
{
    private static readonly HashSet<string> longSubresources = new(StringComparer.Ordinal) { "log", "exec", "attach", "portforward", "proxy" };
    private int readers;
    private int writers;

    public int Reading => Volatile.Read(ref readers);

    public int Writing => Volatile.Read(ref writers);

    /// <summary>Null when there is no room.</summary>
    public Ticket? TryEnter(UserInfo user, RequestInfo info)
    {
        if (info.Verb == "watch" || longSubresources.Contains(info.Subresource)) { return new(this, Kind.Long); }
        var kind = info.Verb is "get" or "list" or "head" or "options" ? Kind.Read : Kind.Write;
        ref var counter = ref kind == Kind.Read ? ref readers : ref writers;
        if (Interlocked.Increment(ref counter) <= (kind == Kind.Read ? reading : writing) || user.IsIn(UserInfo.Masters)) { return new(this, kind); }
        Interlocked.Decrement(ref counter);
        return null;
    }

    public enum Kind { Long, Read, Write }

    public readonly struct Ticket(InflightLimit limit, Kind kind) : IDisposable
    {
        public void Dispose()
        {
            if (kind == Kind.Read) { Interlocked.Decrement(ref limit.readers); }
            if (kind == Kind.Write) { Interlocked.Decrement(ref limit.writers); }
        }
    }
}
