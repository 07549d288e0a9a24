using System.Text;

namespace Flotilla.NodeAgent.Network.Dns.Messages;

/// <summary>Names are kept in lower case, without the last dot: "web.default.svc.cluster.local"; the root is "".</summary>
internal static class DnsName
{
    private const int MaxLength = 255;
    private const int MaxLabel = 63;

    public static string Read(ReadOnlySpan<byte> message, ref int position)
    {
        var name = new StringBuilder();
        // Where reading goes on after the first pointer; pointers must lead backwards, so that loops end (RFC 1035, 4.1.4).
        var (resume, limit) = (-1, position + 1);
        while (true)
        {
            var length = At(message, position++);
            if (length == 0) { break; }
            if ((length & 0xC0) == 0xC0)
            {
                var target = ((length & 0x3F) << 8) | At(message, position++);
                if (resume < 0) { resume = position; }
                if (target >= limit) { throw new DnsFormatException("a name points forwards"); }
                (position, limit) = (target, target);
                continue;
            }
            if (length > MaxLabel || position + length > message.Length) { throw new DnsFormatException("a label is too long"); }
            if (name.Length > 0) { name.Append('.'); }
            foreach (var letter in message.Slice(position, length)) { name.Append((char)(letter is >= (byte)'A' and <= (byte)'Z' ? letter | 0x20 : letter)); }
            if (name.Length > MaxLength) { throw new DnsFormatException("a name is too long"); }
            position += length;
        }
        if (resume >= 0) { position = resume; }
        return name.ToString();
    }

    public static bool IsUnder(string name, string zone) =>
        name == zone || (name.Length > zone.Length && name[name.Length - zone.Length - 1] == '.' && name.EndsWith(zone, StringComparison.Ordinal));

    private static int At(ReadOnlySpan<byte> message, int position) =>
        position < message.Length ? message[position] : throw new DnsFormatException("the message ends within a name");
}

internal sealed class DnsFormatException(string message) : Exception(message);
