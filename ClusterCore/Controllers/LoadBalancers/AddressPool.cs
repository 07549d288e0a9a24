using System.Buffers.Binary;
using System.Net;

namespace Flotilla.ClusterCore.Controllers.LoadBalancers;

/// <summary>An IPv4 range without its network and broadcast addresses.</summary>
internal sealed class AddressPool(uint first, uint last)
{
    public static AddressPool Parse(string cidr)
    {
        var network = IPNetwork.Parse(cidr);
        if (network.BaseAddress.GetAddressBytes() is not { Length: 4 } bytes)
        {
            throw new FormatException($"{cidr} is not an IPv4 range");
        }
        var start = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var size = network.PrefixLength == 0 ? uint.MaxValue : (1u << (32 - network.PrefixLength)) - 1;
        return size < 2 ? new(start, start + size) : new(start + 1, start + size - 1);
    }

    /// <summary>What the service has, if it may keep it; what it asks for, if that is free; else the lowest that is.</summary>
    public string? Choose(string? present, string? requested, IReadOnlySet<string> taken)
    {
        if (!string.IsNullOrEmpty(requested))
        {
            return Contains(requested) && !taken.Contains(requested) ? requested : null;
        }
        if (present is not null && Contains(present) && !taken.Contains(present))
        {
            return present;
        }
        for (var address = first; address <= last; address++)
        {
            if (Text(address) is var text && !taken.Contains(text))
            {
                return text;
            }
        }
        return null;
    }

    private bool Contains(string text) =>
        IPAddress.TryParse(text, out var address) && address.GetAddressBytes() is { Length: 4 } bytes
        && BinaryPrimitives.ReadUInt32BigEndian(bytes) is var number && number >= first && number <= last;

    private static string Text(uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }
}
