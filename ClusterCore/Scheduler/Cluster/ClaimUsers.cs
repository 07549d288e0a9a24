namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>How many placed pods mount each claim.</summary>
internal sealed class ClaimUsers
{
    private readonly Dictionary<(string Namespace, string Name), int> users = [];

    public int Users(string ns, string name) => users.GetValueOrDefault((ns, name));

    public void Change(PodInfo pod, int sign)
    {
        foreach (var claim in pod.Claims)
        {
            var key = (pod.Namespace, claim.Name);
            var count = users.GetValueOrDefault(key) + sign;
            if (count == 0) { users.Remove(key); }
            else { users[key] = count; }
        }
    }
}
