using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>A replica set brought to a size.</summary>
internal sealed record Scale(ReplicaSet ReplicaSet, int Replicas)
{
    public int Before => ReplicaSet.Spec.Replicas ?? 0;
}

/// <summary>
/// The next step of a deployment: at most one of creating the new replica set, or scaling some; what follows is decided when that
/// has shown its effect.
/// </summary>
internal sealed record DeploymentPlan
{
    /// <summary>The name hash and size of a replica set to be made for the present template.</summary>
    public NewReplicaSet? Create { get; init; }

    /// <summary>The present template's replica set, where there is one.</summary>
    public ReplicaSet? Current { get; init; }

    public IReadOnlyList<Scale> Scales { get; init; } = [];

    /// <summary>Old replica sets beyond the history limit.</summary>
    public IReadOnlyList<ReplicaSet> Delete { get; init; } = [];

    /// <summary>The revision the present template has; null while there is no replica set to carry it.</summary>
    public long? Revision { get; init; }

    public required DeploymentStatus Status { get; init; }

    public TimeSpan? RequeueAfter { get; init; }

    /// <param name="pods">Every pod of the deployment's replica sets; only <c>Recreate</c> looks at them.</param>
    public static DeploymentPlan Compute(
        Deployment deployment, IReadOnlyList<ReplicaSet> replicaSets, IReadOnlyList<Pod> pods, DateTimeOffset now)
    {
        var rollout = new Rollout(deployment, replicaSets);
        var paused = deployment.Spec.Paused;
        var plan = deployment switch
        {
            { Metadata.DeletionTimestamp: not null } => Only([]),
            _ when paused || rollout.IsScaling => Only(ProportionalScaling.Compute(rollout)),
            { Spec.Strategy.Type: "Recreate" } => Recreate(rollout, pods),
            _ => Rolling(rollout),
        };
        var conditions = new DeploymentConditions(rollout, now, tracksProgress: !(paused || rollout.IsScaling));
        var status = conditions.Status();
        return plan with
        {
            Current = rollout.New,
            Revision = rollout.New is null && plan.Create is null ? null : rollout.Revision,
            Delete = paused || rollout.IsCompleteAsSeen ? History.Surplus(rollout) : [],
            Status = status,
            RequeueAfter = conditions.UntilDeadline(status),
        };
    }

    private static DeploymentPlan Only(IReadOnlyList<Scale> scales) => new() { Status = new(), Scales = scales };

    private static DeploymentPlan Rolling(Rollout rollout)
    {
        var wanted = RollingUpdate.NewReplicas(rollout);
        if (rollout.New is null)
        {
            return Make(rollout, wanted);
        }
        return rollout.New.Spec.Replicas != wanted
            ? Only([new(rollout.New, wanted)])
            : Only(RollingUpdate.ScaleDownOld(rollout));
    }

    private static DeploymentPlan Recreate(Rollout rollout, IReadOnlyList<Pod> pods)
    {
        var down = rollout.Old.Where(old => old.Spec.Replicas > 0).Select(old => new Scale(old, 0)).ToArray();
        if (down.Length > 0)
        {
            return Only(down);
        }
        if (pods.Any(pod => !pod.IsFinished() && pod.ControllerOwner()?.Uid != (rollout.New?.Metadata.Uid ?? "")))
        {
            return Only([]);
        }
        return rollout.New is null ? Make(rollout, rollout.Replicas)
            : rollout.New.Spec.Replicas != rollout.Replicas ? Only([new(rollout.New, rollout.Replicas)])
            : Only([]);
    }

    private static DeploymentPlan Make(Rollout rollout, int replicas)
    {
        var hash = PodTemplates.Hash(rollout.Deployment.Spec.Template?.ToNode(), rollout.Deployment.Status.CollisionCount);
        return Only([]) with { Create = new(hash, replicas) };
    }
}

/// <param name="Hash">Its <c>pod-template-hash</c>, also the end of its name.</param>
internal sealed record NewReplicaSet(string Hash, int Replicas);
