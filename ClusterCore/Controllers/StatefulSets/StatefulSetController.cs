using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Revisions;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.StatefulSets;

/// <summary>Pods with lasting names and claims of their own.</summary>
internal sealed class StatefulSetController : ReconcilingController
{
    private readonly Informer<StatefulSet> sets;
    private readonly Informer<Pod> pods;
    private readonly Informer<PersistentVolumeClaim> claims;
    private readonly RevisionHistory history;
    private readonly EventRecorder recorder;

    public StatefulSetController(ControllerContext context) : base("statefulset-controller", context)
    {
        recorder = context.Recorder(Name);
        history = new(context, Labels.RevisionDataHash);
        sets = Reconciles(context.Informers.Get(Kinds.StatefulSets)).IndexByNamespace();
        pods = ReconcilesOwner(context.Informers.Pods(), "StatefulSet");
        Adopts(pods, sets, static set => set.Spec.Selector);
        claims = context.Informers.Get(Kinds.PersistentVolumeClaims);
        claims.AddHandler(change =>
        {
            if (change.IsDeleted)
            {
                AddSetsOf(change.Object);
            }
        });
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (sets.Find(key) is not { } set || set.Spec.Selector.IsEmpty())
        {
            return ReconcileResult.Done;
        }
        var claim = Claim.Compute(set, set.Spec.Selector, Candidates(set));
        await claim.ApplyAsync(Client, Kinds.StatefulSets, set, Kinds.Pods, cancellationToken);
        var revisions = history.Of(set);
        var revision = RevisionPlan.Compute(set, set.Spec.Template, revisions, set.Status.CollisionCount);
        if (!await history.WriteAsync(revision, set, cancellationToken))
        {
            await WriteStatusAsync(set, set.Status with { CollisionCount = (set.Status.CollisionCount ?? 0) + 1 }, cancellationToken);
            return ReconcileResult.Done;
        }
        var current = revisions.FirstOrDefault(known => known.Metadata.Name == set.Status.CurrentRevision);
        var plan = StatefulSetPlan.Compute(
            set, claim.Claimed, current?.Metadata.Name ?? revision.UpdateName, revision.UpdateName, Clock.GetUtcNow());
        foreach (var pod in claim.Claimed)
        {
            await SetClaimOwnersAsync(set, pod, cancellationToken);
            if (pod is { Status.Phase: "Pending", Metadata.DeletionTimestamp: null })
            {
                // A claim that somebody deleted would keep it pending for ever.
                await CreateClaimsAsync(set, pod.Metadata.Name, cancellationToken);
            }
        }
        await ApplyAsync(set, plan, revision, current, cancellationToken);
        await WriteStatusAsync(set, plan.Status, cancellationToken);
        await TruncateAsync(set, revisions, claim.Claimed, plan.Status, cancellationToken);
        return new(plan.RequeueAfter);
    }

    /// <summary>A pod that waits for the claim to go, or has lost it, is its set's affair.</summary>
    private void AddSetsOf(PersistentVolumeClaim claim)
    {
        foreach (var set in sets.InNamespace(claim.Metadata.Namespace)
            .Where(set => set.Spec.VolumeClaimTemplates is { Length: > 0 } && claim.Metadata.Name.Contains($"-{set.Metadata.Name}-", StringComparison.Ordinal)))
        {
            Queue.Add(set.Key);
        }
    }

    private Pod[] Candidates(StatefulSet set) =>
        [.. pods.ControlledBy(set.Metadata.Uid!), .. pods.WithoutController(set.Metadata.Namespace).Where(pod => StatefulSetState.OrdinalOf(set, pod) >= 0)];

    private async Task ApplyAsync(
        StatefulSet set, StatefulSetPlan plan, RevisionPlan revision, ControllerRevision? current, CancellationToken cancellationToken)
    {
        foreach (var wanted in plan.Create)
        {
            var isNew = wanted.FromUpdate || current is null;
            var template = isNew ? set.Spec.Template : RevisionPlan.TemplateOf(current!);
            var name = $"{set.Metadata.Name}-{wanted.Ordinal}";
            if (HasStaleClaim(set, name))
            {
                continue;
            }
            await CreateClaimsAsync(set, name, cancellationToken);
            var pod = StatefulPod.Create(set, template, isNew ? revision.UpdateName : current!.Metadata.Name, wanted.Ordinal);
            var created = await Client.CreateAsync(Kinds.Pods, set.Metadata.Namespace, pod, cancellationToken);
            Record(set, created.Failure, "Create", $"create Pod {name} in StatefulSet {set.Metadata.Name}");
        }
        foreach (var pod in plan.Delete)
        {
            await DeleteAsync(set, pod, cancellationToken);
        }
    }

    /// <summary>A claim that goes with an earlier pod of the name must be gone before the next one is made.</summary>
    private bool HasStaleClaim(StatefulSet set, string podName) =>
        StatefulPod.Claims(set, podName).Any(wanted => claims.Find(set.Metadata.Namespace, wanted.Name) is { } claim
            && Array.Exists(claim.Metadata.OwnerReferences ?? [], owner => owner.Kind == "Pod" && owner.Name == podName));

    private async Task DeleteAsync(StatefulSet set, Pod pod, CancellationToken cancellationToken)
    {
        var only = new DeleteOptions { PreconditionUid = pod.Metadata.Uid };
        var deleted = await Client.DeleteAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, cancellationToken, only);
        var failure = deleted.IsNotFound || deleted.IsConflict ? null : deleted.Failure;
        Record(set, failure, "Delete", $"delete Pod {pod.Metadata.Name} in StatefulSet {set.Metadata.Name}");
    }

    private async Task CreateClaimsAsync(StatefulSet set, string podName, CancellationToken cancellationToken)
    {
        foreach (var (name, claim) in StatefulPod.Claims(set, podName))
        {
            if (claims.Find(set.Metadata.Namespace, name) is not null)
            {
                continue;
            }
            if (ClaimRetention.Owns(set))
            {
                claim["metadata"]!["ownerReferences"] = new JsonArray(PodTemplates.ControllerReference(set));
            }
            var created = await Client.CreateAsync(Kinds.PersistentVolumeClaims, set.Metadata.Namespace, claim, cancellationToken);
            if (!created.AlreadyExists)
            {
                Record(set, created.Failure, "Create", $"create Claim {name} Pod {podName} in StatefulSet {set.Metadata.Name}", "success");
            }
        }
    }

    /// <summary>Claims follow the set's policy whenever it changes; those of a pod beyond the set's size learn whether they go with it before it goes.</summary>
    private async Task SetClaimOwnersAsync(StatefulSet set, Pod pod, CancellationToken cancellationToken)
    {
        var ordinal = StatefulSetState.OrdinalOf(set, pod);
        var start = set.Spec.Ordinals?.Start ?? 0;
        var isCondemned = ordinal < start || ordinal >= start + (set.Spec.Replicas ?? 1);
        foreach (var (name, _) in StatefulPod.Claims(set, pod.Metadata.Name))
        {
            if (claims.Find(set.Metadata.Namespace, name) is { } claim
                && ClaimRetention.Owners(set, claim, isCondemned ? pod : null) is { } owners)
            {
                var body = new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = owners } };
                await Client.PatchAsync(
                    Kinds.PersistentVolumeClaims, set.Metadata.Namespace, name, Patch.Merge(body), cancellationToken);
            }
        }
    }

    private Task TruncateAsync(
        StatefulSet set, ControllerRevision[] revisions, IReadOnlyList<Pod> own, StatefulSetStatus status, CancellationToken cancellationToken)
    {
        var used = own.Select(pod => pod.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash) ?? "")
            .Append(status.CurrentRevision ?? "").Append(status.UpdateRevision ?? "").ToHashSet(StringComparer.Ordinal);
        return history.DeleteAsync(RevisionPlan.Surplus(revisions, used, set.Spec.RevisionHistoryLimit ?? 10), cancellationToken);
    }

    private void Record(StatefulSet set, ApiStatus? failure, string verb, string what, string success = "successful")
    {
        if (failure is null)
        {
            recorder.Record(set, EventType.Normal, $"Successful{verb}", $"{what} {success}");
            return;
        }
        if (failure.Reason != ApiReason.AlreadyExists)
        {
            recorder.Record(set, EventType.Warning, $"Failed{verb}", $"{what} failed error: {failure.Message}");
            throw new ApiException(failure);
        }
    }

    private Task WriteStatusAsync(StatefulSet set, StatefulSetStatus status, CancellationToken cancellationToken) =>
        WriteStatusAsync(Kinds.StatefulSets, set.Metadata, set.Status, status, ObjectJson.Default.StatefulSetStatus, cancellationToken);
}
