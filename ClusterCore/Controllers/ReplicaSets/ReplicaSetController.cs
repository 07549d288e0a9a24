using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.ReplicaSets;

/// <summary>As many pods of one template as were asked for: replica sets, and replication controllers seen as such.</summary>
internal sealed class ReplicaSetController<T> : ReconcilingController where T : KubernetesObject
{
    private readonly ResourceType<T> type;
    private readonly Func<T, ReplicaSet> view;
    private readonly Informer<T> replicaSets;
    private readonly Informer<Pod> pods;
    private readonly Expectations expectations;
    private readonly PodControl control;
    private readonly EventRecorder recorder;

    /// <param name="view">The object as a replica set, with its own kind and API version.</param>
    public ReplicaSetController(ControllerContext context, string name, ResourceType<T> type, Func<T, ReplicaSet> view)
        : base(name, context, workers: 5)
    {
        this.type = type;
        this.view = view;
        expectations = new(context.Clock);
        recorder = context.Recorder(Name);
        control = new(context, recorder);
        replicaSets = Reconciles(context.Informers.Get(type)).IndexByNamespace();
        pods = context.Informers.Pods();
        expectations.Watch(pods, type.Kind);
        ReconcilesOwner(pods, type.Kind);
        Adopts(pods, replicaSets, owner => view(owner).Spec.Selector);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (replicaSets.Find(key) is not { } found)
        {
            expectations.Forget(key);
            return ReconcileResult.Done;
        }
        var replicaSet = view(found);
        WarnOfOverlap(replicaSet);
        var settled = expectations.Satisfied(key);
        var plan = ReplicaSetPlan.Compute(replicaSet, Candidates(replicaSet), Clock.GetUtcNow(), () => Related(replicaSet));
        await plan.Claim.ApplyAsync(Client, type, found, Kinds.Pods, cancellationToken);
        var (reason, failure) = settled ? await ApplyAsync(key, replicaSet, plan, cancellationToken) : (null, null);
        await WriteStatusAsync(replicaSet, plan.Status, reason, failure, cancellationToken);
        return failure is null ? new(plan.RequeueAfter) : throw new InvalidOperationException(failure);
    }

    /// <summary>Once for each change of its spec.</summary>
    private void WarnOfOverlap(ReplicaSet replicaSet)
    {
        if (replicaSet.Status.ObservedGeneration < replicaSet.Metadata.Generation
            && SelectorOverlap.Find(
                replicaSet, replicaSet.Spec.Template, other => other.Spec.Selector,
                replicaSets.InNamespace(replicaSet.Metadata.Namespace).Select(view)) is { } other)
        {
            recorder.Record(replicaSet, EventType.Warning, SelectorOverlap.Reason, SelectorOverlap.Message(replicaSet, other));
        }
    }

    private Pod[] Candidates(ReplicaSet replicaSet) =>
        [.. pods.ControlledBy(replicaSet.Metadata.Uid!), .. pods.WithoutController(replicaSet.Metadata.Namespace)];

    private IEnumerable<Pod> Related(ReplicaSet replicaSet)
    {
        var sets = replicaSet.ControllerOwner() is { } owner
            ? replicaSets.InNamespace(replicaSet.Metadata.Namespace).Where(other => other.ControllerOwner()?.Uid == owner.Uid).Select(other => other.Metadata.Uid!)
            : [replicaSet.Metadata.Uid!];
        return sets.SelectMany(uid => pods.ControlledBy(uid)).Where(pod => pod.IsActive());
    }

    private async Task<(string? Reason, string? Failure)> ApplyAsync(
        NamespacedName key, ReplicaSet replicaSet, ReplicaSetPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Create > 0)
        {
            expectations.ExpectCreations(key, plan.Create);
            var (created, failure) = await control.CreateSlowlyAsync(
                replicaSet, plan.Create, _ => PodTemplates.Pod(replicaSet.Spec.Template, replicaSet), cancellationToken);
            expectations.CreationsFailed(key, plan.Create - created);
            return ("FailedCreate", failure);
        }
        var failures = await Task.WhenAll(plan.Delete.Select(pod => DeleteAsync(key, replicaSet, pod, cancellationToken)));
        return ("FailedDelete", Array.Find(failures, failure => failure is not null));
    }

    private async Task<string?> DeleteAsync(NamespacedName key, ReplicaSet replicaSet, Pod pod, CancellationToken cancellationToken)
    {
        expectations.ExpectDeletion(key, pod.Metadata.Uid!);
        var failure = await control.DeleteAsync(replicaSet, pod, cancellationToken);
        if (failure is not null)
        {
            expectations.DeletionSeen(key, pod.Metadata.Uid);
        }
        return failure;
    }

    private async Task WriteStatusAsync(
        ReplicaSet replicaSet, ReplicaSetStatus status, string? reason, string? failure, CancellationToken cancellationToken)
    {
        status = status with { Conditions = ReplicaFailure.Conditions(status.Conditions, reason, failure, Clock.GetUtcNow()) };
        await WriteStatusAsync(type, replicaSet.Metadata, replicaSet.Status, status, ObjectJson.Default.ReplicaSetStatus, cancellationToken);
    }
}
