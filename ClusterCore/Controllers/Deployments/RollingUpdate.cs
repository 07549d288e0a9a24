using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>New pods as surge allows, old pods gone as availability allows.</summary>
internal static class RollingUpdate
{
    /// <summary>The size the new replica set may have now.</summary>
    public static int NewReplicas(Rollout rollout)
    {
        var present = rollout.New?.Spec.Replicas ?? 0;
        if (present >= rollout.Replicas)
        {
            return rollout.Replicas;
        }
        var room = rollout.Replicas + rollout.MaxSurge - rollout.TotalReplicas;
        return present + Math.Clamp(room, 0, rollout.Replicas - present);
    }

    public static IReadOnlyList<Scale> ScaleDownOld(Rollout rollout)
    {
        var old = rollout.Old.Where(set => set.Spec.Replicas > 0).ToArray();
        var minimum = rollout.Replicas - rollout.MaxUnavailable;
        var newUnavailable = (rollout.New?.Spec.Replicas ?? 0) - (rollout.New?.Status.AvailableReplicas ?? 0);
        var most = rollout.TotalReplicas - minimum - newUnavailable;
        if (old.Length == 0 || most <= 0)
        {
            return [];
        }
        var sizes = old.ToDictionary(set => set, set => set.Spec.Replicas ?? 0);
        TakeUnhealthy(old, sizes, most);
        TakeAvailable(old, sizes, rollout.AvailableReplicas - minimum);
        return [.. old.Where(set => sizes[set] != set.Spec.Replicas).Select(set => new Scale(set, sizes[set]))];
    }

    /// <summary>Old pods that are not available go first: they cost nothing.</summary>
    private static void TakeUnhealthy(ReplicaSet[] old, Dictionary<ReplicaSet, int> sizes, int most)
    {
        foreach (var set in old)
        {
            var take = Math.Clamp(sizes[set] - set.Status.AvailableReplicas, 0, most);
            sizes[set] -= take;
            most -= take;
        }
    }

    private static void TakeAvailable(ReplicaSet[] old, Dictionary<ReplicaSet, int> sizes, int most)
    {
        foreach (var set in old)
        {
            var take = Math.Clamp(most, 0, sizes[set]);
            sizes[set] -= take;
            most -= take;
        }
    }
}
