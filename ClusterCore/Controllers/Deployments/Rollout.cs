using System.Globalization;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>A deployment and its replica sets, told apart into the one of the present template and the old ones.</summary>
internal sealed class Rollout
{
    public Rollout(Deployment deployment, IReadOnlyList<ReplicaSet> replicaSets)
    {
        Deployment = deployment;
        All = [.. replicaSets.OrderBy(set => set.Metadata.CreationTimestamp).ThenBy(set => set.Metadata.Name, StringComparer.Ordinal)];
        New = Array.Find(All, set => PodTemplates.Same(set.Spec.Template, deployment.Spec.Template));
        Old = [.. All.Where(set => set != New)];
        (MaxSurge, MaxUnavailable) = Fenceposts(deployment);
    }

    public Deployment Deployment { get; }

    /// <summary>Oldest first.</summary>
    public ReplicaSet[] All { get; }
    public ReplicaSet? New { get; }
    public ReplicaSet[] Old { get; }
    public int MaxSurge { get; }
    public int MaxUnavailable { get; }

    public int Replicas => Deployment.Spec.Replicas ?? 1;
    public int TotalReplicas => All.Sum(set => set.Spec.Replicas ?? 0);
    public int AvailableReplicas => All.Sum(set => set.Status.AvailableReplicas);
    public bool IsRolling => Deployment.Spec.Strategy?.Type != "Recreate";

    /// <summary>One more than the newest of the old revisions; a revision once given stays while it is the highest.</summary>
    public long Revision => Math.Max(Old.Select(RevisionOf).DefaultIfEmpty().Max() + 1, New is null ? 0 : RevisionOf(New));

    /// <summary>The size was changed since the replica sets were last told of it.</summary>
    public bool IsScaling => All.Any(set => set.Spec.Replicas > 0 && Annotated(set, Labels.DesiredReplicas) is { } desired && desired != Replicas);

    /// <summary>All pods are new and available, by the status as it was last written.</summary>
    public bool IsCompleteAsSeen => IsComplete(Deployment.Status);

    public bool IsComplete(DeploymentStatus status) =>
        status.UpdatedReplicas == Replicas
        && status.Replicas == Replicas
        && status.AvailableReplicas == Replicas
        && status.ObservedGeneration >= Deployment.Metadata.Generation;

    public static long RevisionOf(ReplicaSet set) =>
        long.TryParse(set.Metadata.Annotations?.GetValueOrDefault(Labels.Revision), CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    public static int? Annotated(ReplicaSet set, string annotation) =>
        int.TryParse(set.Metadata.Annotations?.GetValueOrDefault(annotation), CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Surge rounds up, unavailability down; both zero would never move, so one pod may then be missing.</summary>
    private static (int Surge, int Unavailable) Fenceposts(Deployment deployment)
    {
        if (deployment.Spec.Strategy?.Type == "Recreate")
        {
            return (0, 0);
        }
        var replicas = deployment.Spec.Replicas ?? 1;
        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        var surge = (rolling?.MaxSurge ?? "25%").Scale(replicas, roundUp: true) ?? 0;
        var unavailable = (rolling?.MaxUnavailable ?? "25%").Scale(replicas, roundUp: false) ?? 0;
        unavailable = surge == 0 && unavailable == 0 ? 1 : unavailable;
        return (surge, Math.Min(unavailable, replicas));
    }
}
