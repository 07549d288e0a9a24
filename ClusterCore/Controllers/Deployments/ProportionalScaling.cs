using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>A changed size in the middle of a rollout (or while paused) is shared out by the sizes the replica sets have.</summary>
internal static class ProportionalScaling
{
    public static IReadOnlyList<Scale> Compute(Rollout rollout)
    {
        if (ActiveOrLatest(rollout) is { } only)
        {
            return only.Spec.Replicas == rollout.Replicas ? [] : [new(only, rollout.Replicas)];
        }
        if (IsSaturated(rollout))
        {
            return [.. rollout.Old.Where(old => old.Spec.Replicas > 0).Select(old => new Scale(old, 0))];
        }
        return rollout.IsRolling ? Share(rollout) : [];
    }

    /// <summary>The one replica set that has pods; where none has, the new one or else the latest; null where several have.</summary>
    private static ReplicaSet? ActiveOrLatest(Rollout rollout)
    {
        var active = rollout.All.Where(set => set.Spec.Replicas > 0).ToArray();
        return active.Length switch
        {
            0 => rollout.New ?? rollout.Old.LastOrDefault(),
            1 => active[0],
            _ => null,
        };
    }

    private static bool IsSaturated(Rollout rollout) =>
        rollout.New is { } set
        && set.Spec.Replicas == rollout.Replicas
        && Rollout.Annotated(set, Labels.DesiredReplicas) == rollout.Replicas
        && set.Status.AvailableReplicas == rollout.Replicas;

    private static Scale[] Share(Rollout rollout)
    {
        var active = rollout.All.Where(set => set.Spec.Replicas > 0).ToArray();
        var allowed = rollout.Replicas > 0 ? rollout.Replicas + rollout.MaxSurge : 0;
        var toAdd = allowed - active.Sum(set => set.Spec.Replicas ?? 0);
        // Growing favours newer sets, shrinking older ones; larger ones in both cases.
        var ordered = toAdd > 0
            ? active.OrderByDescending(set => set.Spec.Replicas).ThenByDescending(set => set.Metadata.CreationTimestamp).ToArray()
            : [.. active.OrderByDescending(set => set.Spec.Replicas).ThenBy(set => set.Metadata.CreationTimestamp)];
        var sizes = new int[ordered.Length];
        var added = 0;
        for (var i = 0; i < ordered.Length; i++)
        {
            var share = toAdd == 0 || added == toAdd ? 0 : Proportion(rollout, ordered[i], toAdd - added);
            sizes[i] = (ordered[i].Spec.Replicas ?? 0) + share;
            added += share;
        }
        if (sizes.Length > 0)
        {
            sizes[0] = Math.Max(0, sizes[0] + toAdd - added);
        }
        // Every set hears of the new size, changed or not: that is how scaling is known to be done.
        return [.. ordered.Select((set, i) => new Scale(set, sizes[i]))];
    }

    private static int Proportion(Rollout rollout, ReplicaSet set, int left)
    {
        var fraction = Fraction(rollout, set);
        return left > 0 ? Math.Min(fraction, left) : Math.Max(fraction, left);
    }

    private static int Fraction(Rollout rollout, ReplicaSet set)
    {
        var size = set.Spec.Replicas ?? 0;
        if (rollout.Replicas == 0)
        {
            return -size;
        }
        var before = Rollout.Annotated(set, Labels.MaxReplicas) ?? rollout.Deployment.Status.Replicas;
        if (before == 0)
        {
            return 0;
        }
        var scaled = (double)size * (rollout.Replicas + rollout.MaxSurge) / before;
        return (int)Math.Round(scaled, MidpointRounding.AwayFromZero) - size;
    }
}
