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

    /// <summary>The name at a place of a message, which holds no pointers, in the case it was written in.</summary>
    /// <param name="name">What was read there.</param>
    public static string Written(ReadOnlySpan<byte> message, int position, string name)
    {
        if (name.Length == 0 || (message[position] & 0xC0) != 0 || position + 1 + name.Length > message.Length) { return name; }
        var bytes = message.Slice(position + 1, name.Length);
        for (var index = 0; index < bytes.Length; index++)
        {
            if (name[index] != '.' && bytes[index] != name[index]) { return Cased(bytes, name); }
        }
        return name;
    }

    /// <summary>Writes a name's letters over those that stand there in another case.</summary>
    public static void Recase(Span<byte> message, int position, string written)
    {
        for (var index = 0; index < written.Length; index++)
        {
            if (written[index] != '.') { message[position + 1 + index] = (byte)written[index]; }
        }
    }

    public static bool IsUnder(string name, string zone) =>
        name == zone || (name.Length > zone.Length && name[name.Length - zone.Length - 1] == '.' && name.EndsWith(zone, StringComparison.Ordinal));

    private static string Cased(ReadOnlySpan<byte> bytes, string name)
    {
        var letters = name.ToCharArray();
        for (var index = 0; index < letters.Length; index++)
        {
            if (letters[index] != '.' && (bytes[index] | 0x20) == letters[index]) { letters[index] = (char)bytes[index]; }
        }
        return new(letters);
    }

    private static int At(ReadOnlySpan<byte> message, int position) =>
        position < message.Length ? message[position] : throw new DnsFormatException("the message ends within a name");
}

internal sealed class DnsFormatException(string message) : Exception(message);
