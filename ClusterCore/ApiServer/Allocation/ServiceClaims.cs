using System.Net;

namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>What a write took, which is given back when the write does not succeed, and what it let go of, which is given back when it does.</summary>
internal sealed class ServiceClaims(Func<IReadOnlyCollection<IPAddress>, IReadOnlyCollection<int>, ValueTask> giveBack) : IAsyncDisposable
{
    public static readonly ServiceClaims Nothing = new((_, _) => ValueTask.CompletedTask);

    private readonly List<IPAddress> addresses = [];
    private readonly List<int> ports = [];
    private readonly List<IPAddress> droppedAddresses = [];
    private readonly List<int> droppedPorts = [];
    private bool isKept;

    public void Add(IPAddress address) => addresses.Add(address);

    public void Add(int port) => ports.Add(port);

    public void Drop(IEnumerable<IPAddress> unused, IEnumerable<int> unusedPorts)
    {
        droppedAddresses.AddRange(unused);
        droppedPorts.AddRange(unusedPorts);
    }

    public void Keep() => isKept = true;

    public ValueTask DisposeAsync() => isKept ? giveBack(droppedAddresses, droppedPorts) : giveBack(addresses, ports);
}
