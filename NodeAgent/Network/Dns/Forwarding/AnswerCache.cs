using System.Buffers.Binary;
using Flotilla.NodeAgent.Network.Dns.Messages;

namespace Flotilla.NodeAgent.Network.Dns.Forwarding;

/// <summary>Keeps other servers' answers for as long as they say, within bounds; given out with what is left of that time.</summary>
internal sealed class AnswerCache(TimeProvider clock)
{
    private const int Capacity = 10_000;
    private const int HeaderSize = 12;
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestNegative = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<(string, DnsType, bool), Entry> entries = [];

    public byte[]? Find(DnsQuery query)
    {
        Entry? entry;
        lock (gate) { entry = entries.GetValueOrDefault((query.Name, query.Type, query.HasExtension)); }
        var age = entry is null ? TimeSpan.Zero : clock.GetElapsedTime(entry.Stored);
        if (entry is null || age >= entry.Keep) { return null; }
        var message = (byte[])entry.Message.Clone();
        BinaryPrimitives.WriteUInt16BigEndian(message, query.Id);
        DnsName.Recase(message, HeaderSize, query.Asked);
        foreach (var offset in entry.Offsets)
        {
            var life = BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(offset));
            BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(offset), life - Math.Min(life, (uint)age.TotalSeconds));
        }
        return message;
    }

    public void Add(DnsQuery query, byte[] message, MessageScan scan)
    {
        if (scan.Truncated || scan.Code is not (DnsResponseCode.NoError or DnsResponseCode.NameError)) { return; }
        var keep = TimeSpan.FromSeconds(scan.MinTimeToLive);
        var longest = scan.AnswerCount == 0 ? LongestNegative : Longest;
        if (keep <= TimeSpan.Zero) { return; }
        var entry = new Entry(message, scan.TimeToLiveOffsets, clock.GetTimestamp(), keep < longest ? keep : longest);
        lock (gate)
        {
            if (entries.Count >= Capacity) { Evict(); }
            entries[(query.Name, query.Type, query.HasExtension)] = entry;
        }
    }

    public void Clear()
    {
        lock (gate) { entries.Clear(); }
    }

    private void Evict()
    {
        foreach (var old in entries.Where(one => clock.GetElapsedTime(one.Value.Stored) >= one.Value.Keep).Select(one => one.Key).ToList()) { entries.Remove(old); }
        if (entries.Count >= Capacity) { entries.Clear(); }
    }

    private sealed record Entry(byte[] Message, IReadOnlyList<int> Offsets, long Stored, TimeSpan Keep);
}
