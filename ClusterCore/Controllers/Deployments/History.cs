using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>Old replica sets are kept for rollback, but not for ever.</summary>
internal static class History
{
    public static IReadOnlyList<ReplicaSet> Surplus(Rollout rollout)
    {
        if (rollout.Deployment.Spec.RevisionHistoryLimit is not { } limit || limit == int.MaxValue)
        {
            return [];
        }
        var old = rollout.Old.Where(set => set.Metadata.DeletionTimestamp is null).OrderBy(Rollout.RevisionOf).ToArray();
        return [.. old.Take(Math.Max(0, old.Length - limit)).Where(IsIdle)];
    }

    private static bool IsIdle(ReplicaSet set) =>
        set is { Status.Replicas: 0, Spec.Replicas: 0 } && set.Metadata.Generation <= set.Status.ObservedGeneration;
}
