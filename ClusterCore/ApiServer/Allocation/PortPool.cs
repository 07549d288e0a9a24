namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>Node ports, both ends included.</summary>
internal sealed class PortPool((int First, int Last) range)
{
    private readonly HashSet<int> taken = [];

    public bool Contains(int port) => port >= range.First && port <= range.Last;

    public string Range => $"{range.First}-{range.Last}";

    public bool TryTake(int port) => taken.Add(port);

    public int? TakeAny()
    {
        var count = range.Last - range.First + 1;
        var start = Random.Shared.Next(count);
        for (var i = 0; i < count; i++)
        {
            var port = range.First + ((start + i) % count);
            if (taken.Add(port)) { return port; }
        }

        return null;
    }

    public void GiveBack(int port) => taken.Remove(port);
}
