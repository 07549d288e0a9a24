namespace Flotilla.ClusterCore.ApiServer.Allocation;

/// <summary>Node ports, both ends included.</summary>
internal sealed class PortPool((int First, int Last) range)
{
    private readonly HashSet<int> taken = [];

    public bool TryTake(int port) => taken.Add(port);

    /// <summary>Takes a certain port, or says why not.</summary>
    public string? Take(int port) =>
        port < range.First || port > range.Last ? $"provided port is not in the valid range. The range of valid ports is {range.First}-{range.Last}"
        : taken.Add(port) ? null
        : "provided port is already allocated";

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
