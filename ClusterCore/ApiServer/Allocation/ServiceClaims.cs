using System.Net;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>What a write took from the pools; given back when the write does not succeed.</summary>
internal sealed class ServiceClaims(Action<IReadOnlyCollection<IPAddress>, IReadOnlyCollection<int>> giveBack) : IDisposable
{
    public static readonly ServiceClaims Nothing = new((_, _) => { });

    private readonly List<IPAddress> addresses = [];
    private readonly List<int> ports = [];
    private bool isKept;

    public void Add(IPAddress address) => addresses.Add(address);

    public void Add(int port) => ports.Add(port);

    public void Keep() => isKept = true;

    public void Dispose()
    {
        if (!isKept) { giveBack(addresses, ports); }
    }
}
