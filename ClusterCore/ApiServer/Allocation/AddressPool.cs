using System.Net;
using Flotilla.ClusterCore.ApiServer.Certificates;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>
/// The cluster addresses. The low part of the range is kept for those who ask for a certain address; others are taken from
/// the high part first, as upstream does.
/// </summary>
internal sealed class AddressPool(IPNetwork network)
{
    private readonly HashSet<IPAddress> taken = [];
    private readonly int size = (int)Math.Min(1L << Math.Min(20, BitsOf(network) - network.PrefixLength), 1L << 20);

    private int Offset => Math.Min(Math.Max(16, size / 16), 256);

    public bool Contains(IPAddress address) => network.Contains(address);

    public bool TryTake(IPAddress address) => taken.Add(address);

    public IPAddress? TakeAny() => Search(Math.Min(Offset, size - 2), size - 1) ?? Search(1, Math.Min(Offset, size - 1));

    public void GiveBack(IPAddress address) => taken.Remove(address);

    private IPAddress? Search(int from, int until)
    {
        if (until <= from) { return null; }
        var start = Random.Shared.Next(from, until);
        for (var i = 0; i < until - from; i++)
        {
            var address = ServerNames.ServiceAddress(network, from + ((start - from + i) % (until - from)));
            if (taken.Add(address)) { return address; }
        }

        return null;
    }

    private static int BitsOf(IPNetwork network) => network.BaseAddress.GetAddressBytes().Length * 8;
}
