using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Selection;
using Flotilla.ClusterCore.Controllers.Status;

namespace Flotilla.ClusterCore.Controllers.Deployments;

/// <summary>One replica set for each template a deployment has had, sized so that the newest takes over.</summary>
internal sealed class DeploymentController : ReconcilingController
{
    private readonly Informer<Deployment> deployments;
    private readonly Informer<ReplicaSet> replicaSets;
    private readonly Informer<Pod> pods;
    private readonly EventRecorder recorder;

    public DeploymentController(ControllerContext context) : base("deployment-controller", context, workers: 5)
    {
        recorder = context.Recorder(Name);
        deployments = Reconciles(context.Informers.Get(Kinds.Deployments)).IndexByNamespace();
        replicaSets = ReconcilesOwner(context.Informers.Get(Kinds.ReplicaSets), "Deployment").IndexByNamespace().IndexByController();
        Adopts(replicaSets, deployments, static deployment => deployment.Spec.Selector);
        pods = context.Informers.Pods();
        pods.AddHandler(SeePod);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (deployments.Find(key) is not { } deployment)
        {
            return ReconcileResult.Done;
        }
        if (deployment.Spec.Selector.IsEmpty())
        {
            recorder.Record(deployment, EventType.Warning, "SelectingAll",
                "This deployment is selecting all pods. A non-empty selector is required.");
            return ReconcileResult.Done;
        }
        WarnOfOverlap(deployment);
        var claim = Claim.Compute(deployment, deployment.Spec.Selector, Candidates(deployment));
        await claim.ApplyAsync(Client, Kinds.Deployments, deployment, Kinds.ReplicaSets, cancellationToken);
        if (deployment is { Metadata.DeletionTimestamp: null, Spec.Paused: false } && Rollback.Compute(deployment, claim.Claimed) is { } rollback)
        {
            return await RollBackAsync(deployment, rollback, cancellationToken);
        }
        var plan = DeploymentPlan.Compute(deployment, claim.Claimed, PodsOf(claim.Claimed), Clock.GetUtcNow());
        var rollout = new Rollout(deployment, claim.Claimed);
        var status = await ApplyAsync(rollout, plan, cancellationToken);
        var written = await WriteStatusAsync(
            Kinds.Deployments, deployment.Metadata, deployment.Status, status, ObjectJson.Default.DeploymentStatus, cancellationToken);
        if (written && DeploymentConditions.TimedOutWith(status) is { } message && DeploymentConditions.TimedOutWith(deployment.Status) is null)
        {
            recorder.Record(deployment, EventType.Warning, DeploymentConditions.TimedOut, message);
        }
        await AnnotateAsync(deployment, plan.Revision, cancellationToken);
        return new(plan.RequeueAfter);
    }

    /// <summary>Once for each change of its spec.</summary>
    private void WarnOfOverlap(Deployment deployment)
    {
        if (deployment.Status.ObservedGeneration < deployment.Metadata.Generation
            && SelectorOverlap.Find(
                deployment, deployment.Spec.Template, other => other.Spec.Selector, deployments.InNamespace(deployment.Metadata.Namespace)) is { } other)
        {
            recorder.Record(deployment, EventType.Warning, SelectorOverlap.Reason, SelectorOverlap.Message(deployment, other));
        }
    }

    private ReplicaSet[] Candidates(Deployment deployment) =>
        [.. replicaSets.ControlledBy(deployment.Metadata.Uid!), .. replicaSets.WithoutController(deployment.Metadata.Namespace)];

    private Pod[] PodsOf(IReadOnlyList<ReplicaSet> sets) => [.. sets.SelectMany(set => pods.ControlledBy(set.Metadata.Uid!))];

    private async Task<ReconcileResult> RollBackAsync(Deployment deployment, Rollback rollback, CancellationToken cancellationToken)
    {
        recorder.Record(deployment, rollback.Type, rollback.Reason, rollback.Message);
        await Client.PatchAsync(
            Kinds.Deployments, deployment.Metadata.Namespace, deployment.Metadata.Name, Patch.Json(rollback.Patch), cancellationToken);
        return ReconcileResult.Done;
    }

    private async Task<DeploymentStatus> ApplyAsync(Rollout rollout, DeploymentPlan plan, CancellationToken cancellationToken)
    {
        var status = plan.Status;
        if (plan.Create is { } wanted)
        {
            status = await CreateAsync(rollout, wanted, status, cancellationToken);
        }
        else if (plan.Current is { } current && rollout.Deployment.Metadata.DeletionTimestamp is null
            && ReplicaSetTemplate.Refresh(rollout, current) is { } refresh)
        {
            await PatchAsync(current, refresh, cancellationToken);
        }
        foreach (var scale in plan.Scales)
        {
            await ScaleAsync(rollout, scale, cancellationToken);
        }
        foreach (var surplus in plan.Delete)
        {
            var only = new DeleteOptions { PreconditionUid = surplus.Metadata.Uid, PropagationPolicy = "Background" };
            await Client.DeleteAsync(
                Kinds.ReplicaSets, surplus.Metadata.Namespace, surplus.Metadata.Name, cancellationToken, only);
        }
        return status;
    }

    private async Task<DeploymentStatus> CreateAsync(
        Rollout rollout, NewReplicaSet wanted, DeploymentStatus status, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var name = ReplicaSetTemplate.Name(deployment, wanted.Hash);
        var created = await Client.CreateAsync(
            Kinds.ReplicaSets, deployment.Metadata.Namespace, ReplicaSetTemplate.Create(rollout, wanted), cancellationToken);
        if (created.Succeeded)
        {
            if (wanted.Replicas > 0)
            {
                recorder.Record(deployment, EventType.Normal, "ScalingReplicaSet", $"Scaled up replica set {name} from 0 to {wanted.Replicas}");
            }
            return WithProgress(status, deployment, "True", "NewReplicaSetCreated", $"Created new replica set \"{name}\"");
        }
        if (created.AlreadyExists)
        {
            return await AfterCollisionAsync(deployment, name, status, cancellationToken);
        }
        if (created.IsRefusedByTermination())
        {
            return status;
        }
        var message = $"Failed to create new replica set \"{name}\": {created.Failure.Message}";
        recorder.Record(deployment, EventType.Warning, "ReplicaSetCreateError", message);
        return WithProgress(status, deployment, "False", "ReplicaSetCreateError", message);
    }

    /// <summary>The name is taken: by our own replica set that the cache does not show yet, or by another; then the hash must change.</summary>
    private async Task<DeploymentStatus> AfterCollisionAsync(
        Deployment deployment, string name, DeploymentStatus status, CancellationToken cancellationToken)
    {
        var found = await Client.GetAsync(Kinds.ReplicaSets, deployment.Metadata.Namespace, name, cancellationToken);
        var ours = found.Value is { } set && set.ControllerOwner()?.Uid == deployment.Metadata.Uid
            && PodTemplates.Same(set.Spec.Template, deployment.Spec.Template);
        return ours ? status : status with { CollisionCount = (status.CollisionCount ?? 0) + 1 };
    }

    private DeploymentStatus WithProgress(DeploymentStatus status, Deployment deployment, string state, string reason, string message)
    {
        if (deployment.Spec.ProgressDeadlineSeconds is null)
        {
            return status;
        }
        var now = Clock.GetUtcNow();
        var condition = new DeploymentCondition
        {
            Type = "Progressing",
            Status = state,
            Reason = reason,
            Message = message,
            LastUpdateTime = now,
            LastTransitionTime = now,
        };
        return status with { Conditions = DeploymentConditions.Set(status.Conditions ?? [], condition) };
    }

    private async Task ScaleAsync(Rollout rollout, Scale scale, CancellationToken cancellationToken)
    {
        await PatchAsync(scale.ReplicaSet, ReplicaSetTemplate.Resize(rollout, scale), cancellationToken);
        if (scale.Replicas != scale.Before)
        {
            var direction = scale.Replicas > scale.Before ? "up" : "down";
            recorder.Record(rollout.Deployment, EventType.Normal, "ScalingReplicaSet",
                $"Scaled {direction} replica set {scale.ReplicaSet.Metadata.Name} from {scale.Before} to {scale.Replicas}");
        }
    }

    private async Task AnnotateAsync(Deployment deployment, long? revision, CancellationToken cancellationToken)
    {
        var text = revision?.ToString();
        if (text is null || deployment.Metadata.Annotations?.GetValueOrDefault(Labels.Revision) == text)
        {
            return;
        }
        var body = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Labels.Revision] = text } } };

        // With the status: as a change of the deployment it would count as one of what is wanted.
        await Client.PatchStatusAsync(
            Kinds.Deployments, deployment.Metadata.Namespace, deployment.Metadata.Name, Patch.Merge(body), cancellationToken);
    }

    private async Task PatchAsync(ReplicaSet set, JsonObject body, CancellationToken cancellationToken)
    {
        var patched = await Client.PatchAsync(
            Kinds.ReplicaSets, set.Metadata.Namespace, set.Metadata.Name, Patch.Merge(body), cancellationToken);
        patched.OrThrow();
    }

    /// <summary>A recreating deployment waits for the last of its old pods to be gone.</summary>
    private void SeePod(InformerChange<Pod> change)
    {
        if (change.IsDeleted && change.Object.ControllerOwner() is { Kind: "ReplicaSet" } owner
            && replicaSets.Find(change.Key.Namespace, owner.Name)?.ControllerOwner() is { Kind: "Deployment" } deployment
            && deployments.Find(change.Key.Namespace, deployment.Name) is { Spec.Strategy.Type: "Recreate" } recreating)
        {
            Queue.Add(recreating.Key);
        }
    }
}
