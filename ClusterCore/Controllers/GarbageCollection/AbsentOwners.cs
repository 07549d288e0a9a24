namespace Flotilla.ClusterCore.Controllers.GarbageCollection;

/// <summary>UIDs known to be gone, so that a thousand dependents of one owner ask the server once. UIDs never come back.</summary>
internal sealed class AbsentOwners
{
    private const int Remembered = 500;
    private readonly Lock gate = new();
    private readonly HashSet<(string Uid, string? Namespace)> known = [];
    private readonly Queue<(string Uid, string? Namespace)> order = new();

    public void Add(string uid, string? ns)
    {
        lock (gate)
        {
            if (known.Add((uid, ns)))
            {
                order.Enqueue((uid, ns));
            }
            if (order.Count > Remembered)
            {
                known.Remove(order.Dequeue());
            }
        }
    }

    public bool Contains(string uid, string? ns)
    {
        lock (gate)
        {
            return known.Contains((uid, ns)) || known.Contains((uid, null));
        }
    }
}
