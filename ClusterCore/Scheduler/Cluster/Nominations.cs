namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>Pods that were promised a node whose victims are still leaving.</summary>
internal sealed class Nominations
{
    private readonly Dictionary<string, List<PodInfo>> byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> nodeOf = new(StringComparer.Ordinal);

    public int Count => nodeOf.Count;

    public IReadOnlyList<PodInfo> On(string nodeName) => byNode.GetValueOrDefault(nodeName) ?? (IReadOnlyList<PodInfo>)[];

    public string? NodeOf(string uid) => nodeOf.GetValueOrDefault(uid);

    /// <returns>Less important pods that were promised the node, and are no more.</returns>
    public IReadOnlyList<PodInfo> TakeOver(PodInfo pod, string nodeName)
    {
        var lesser = On(nodeName).Where(other => other.Priority < pod.Priority).ToList();
        foreach (var other in lesser) { Remove(other.Uid); }
        Set(pod, nodeName);
        return lesser;
    }

    public void Set(PodInfo pod, string nodeName)
    {
        Remove(pod.Uid);
        nodeOf[pod.Uid] = nodeName;
        if (!byNode.TryGetValue(nodeName, out var pods)) { byNode[nodeName] = pods = []; }
        pods.Add(pod);
    }

    public void Remove(string uid)
    {
        if (!nodeOf.Remove(uid, out var nodeName)) { return; }
        var pods = byNode[nodeName];
        pods.RemoveAll(pod => pod.Uid == uid);
        if (pods.Count == 0) { byNode.Remove(nodeName); }
    }
}
