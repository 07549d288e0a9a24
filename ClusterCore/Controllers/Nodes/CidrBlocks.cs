using System.Buffers.Binary;
using System.Net;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>Equal blocks of an IPv4 range, each held by one node; the lowest free one goes next.</summary>
internal sealed class CidrBlocks(uint start, int blockBits, int count)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> byNode = new(StringComparer.Ordinal);
    private readonly HashSet<int> taken = [];

    /// <exception cref="FormatException">Not an IPv4 range, or smaller than one block.</exception>
    public static CidrBlocks Parse(string cidr, int maskSize)
    {
        var network = IPNetwork.Parse(cidr);
        if (network.BaseAddress.GetAddressBytes() is not { Length: 4 } bytes || maskSize < network.PrefixLength || maskSize > 30)
        {
            throw new FormatException($"{cidr} cannot be cut into blocks of /{maskSize}");
        }
        return new(BinaryPrimitives.ReadUInt32BigEndian(bytes), 32 - maskSize, 1 << Math.Min(30, maskSize - network.PrefixLength));
    }

    /// <returns>Null when all are taken.</returns>
    public string? Allocate(string node)
    {
        lock (gate)
        {
            if (byNode.TryGetValue(node, out var held))
            {
                return Text(held);
            }
            for (var index = 0; index < count; index++)
            {
                if (taken.Add(index))
                {
                    byNode[node] = index;
                    return Text(index);
                }
            }
            return null;
        }
    }

    /// <summary>Notes a block that a node already has; one outside the range is nobody's concern.</summary>
    public void Occupy(string node, string cidr)
    {
        if (!IPNetwork.TryParse(cidr, out var network) || network.BaseAddress.GetAddressBytes() is not { Length: 4 } bytes)
        {
            return;
        }
        var offset = (long)BinaryPrimitives.ReadUInt32BigEndian(bytes) - start;
        lock (gate)
        {
            if (offset >= 0 && offset >> blockBits < count)
            {
                byNode[node] = (int)(offset >> blockBits);
                taken.Add(byNode[node]);
            }
        }
    }

    public void Release(string node)
    {
        lock (gate)
        {
            if (byNode.Remove(node, out var index))
            {
                taken.Remove(index);
            }
        }
    }

    private string Text(int index)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, start + ((uint)index << blockBits));
        return $"{new IPAddress(bytes)}/{32 - blockBits}";
    }
}
