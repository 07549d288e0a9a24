using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Provisioner.Machines.Networks;

/// <summary>
/// The network a cluster's nodes share on one machine: a bridge, whose own address is where they find the API server.
/// </summary>
/// <param name="ClusterId">At most 12 characters, so that names made of it fit a network device (15).</param>
/// <param name="Index">
/// Which /22 of 100.64.0.0/10 (RFC 6598: shared address space, in no one's way) the nodes get: 0 → 100.64.0.0/22,
/// 1 → 100.64.4.0/22 … 4095 → 100.127.252.0/22. Unique on a machine.
/// </param>
/// <param name="ApiPort">The first of the only ports of the machine that the nodes reach.</param>
public sealed record ClusterNetwork(string ClusterId, int Index, int ApiPort)
{
    public int Index { get; } = Index is >= 0 and <= MaxIndex ? Index : throw new ArgumentOutOfRangeException(nameof(Index));

    private const uint SharedAddressSpace = (100u << 24) | (64u << 16);

    /// <summary>How many masters there are, on the ports from <see cref="ApiPort"/> on.</summary>
    public int ApiServers { get; init; } = 1;

    public const int MaxIndex = 4095;
    public const int PrefixLength = 22;

    /// <summary>Addresses a node can have: all but the network's, the bridge's and the broadcast address.</summary>
    public const int MaxNodes = (1 << (32 - PrefixLength)) - 3;

    public string Bridge => "flt" + ClusterId;

    /// <summary>The machine's side: the bridge's address.</summary>
    public IPAddress Gateway => AddressAt(1);

    public string Subnet => $"{AddressAt(0)}/{PrefixLength}";

    /// <param name="nodeIndex">0 and up, unique in the cluster.</param>
    public IPAddress NodeAddress(int nodeIndex)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(nodeIndex, MaxNodes);
        return AddressAt(2 + nodeIndex);
    }

    /// <summary>The index of the network an address belongs to; null when it is in none of them.</summary>
    public static int? IndexOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork) { return null; }
        var offset = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) - SharedAddressSpace;
        var index = offset >> (32 - PrefixLength);
        return index <= MaxIndex ? (int)index : null;
    }

    private IPAddress AddressAt(int offset)
    {
        var address = SharedAddressSpace + ((uint)Index << (32 - PrefixLength)) + (uint)offset;
        return new([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
    }
}
