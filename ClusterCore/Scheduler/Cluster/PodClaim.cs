using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>A claim a pod mounts: by name, or made for it from a template of its own.</summary>
internal readonly record struct PodClaim(string Name, bool Ephemeral)
{
    public static PodClaim[] Of(string podName, Volume[]? volumes) =>
        [.. (volumes ?? []).Where(one => one.PersistentVolumeClaim is not null || one.Ephemeral is not null)
            .Select(one => one.PersistentVolumeClaim is { } source ? new PodClaim(source.ClaimName, false) : new($"{podName}-{one.Name}", true))];
}
