using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Json;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;
using Flotilla.ClusterCore.Controllers.Revisions;
using Flotilla.ClusterCore.Controllers.Selection;

namespace Flotilla.ClusterCore.Controllers.DaemonSets;

/// <summary>One pod on each node that fits.</summary>
internal sealed class DaemonSetController : ReconcilingController
{
    private const string Kind = "DaemonSet";
    private static readonly TimeSpan FailedWait = TimeSpan.FromSeconds(1);
    private readonly Informer<DaemonSet> sets;
    private readonly Informer<Node> nodes;
    private readonly Informer<Pod> pods;
    private readonly RevisionHistory history;
    private readonly Expectations expectations;
    private readonly PodControl control;
    private readonly EventRecorder recorder;
    private readonly FailureBackoff failures;

    public DaemonSetController(ControllerContext context) : base("daemonset-controller", context)
    {
        recorder = context.Recorder(Name);
        control = new(context, recorder);
        expectations = new(context.Clock);
        failures = new(FailedWait, TimeSpan.FromMinutes(15), context.Clock);
        history = new(context, Labels.ControllerRevisionHash);
        sets = Reconciles(context.Informers.Get(Kinds.DaemonSets)).IndexByNamespace();
        nodes = context.Informers.Get(Kinds.Nodes);
        nodes.AddHandler(SeeNode);
        pods = context.Informers.Pods();
        expectations.Watch(pods, Kind);
        ReconcilesOwner(pods, Kind);
        Adopts(pods, sets, static set => set.Spec.Selector);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (sets.Find(key) is not { } set || set.Spec.Selector.IsEmpty())
        {
            expectations.Forget(key);
            return ReconcileResult.Done;
        }
        var settled = expectations.Satisfied(key);
        Pod[] candidates = [.. pods.ControlledBy(set.Metadata.Uid!), .. pods.WithoutController(key.Namespace)];
        var claim = Claim.Compute(set, set.Spec.Selector, candidates);
        await claim.ApplyAsync(Client, Kinds.DaemonSets, set, Kinds.Pods, cancellationToken);
        var revisions = history.Of(set);
        var revision = RevisionPlan.Compute(set, set.Spec.Template, revisions, set.Status.CollisionCount);
        if (!await history.WriteAsync(revision, set, cancellationToken))
        {
            await WriteStatusAsync(set, set.Status with { CollisionCount = (set.Status.CollisionCount ?? 0) + 1 }, cancellationToken);
            return ReconcileResult.Done;
        }
        var daemon = set.Spec.Template?.Read(ObjectJson.Default.PodTemplateSpec)?.Spec ?? new();
        var plan = DaemonSetPlan.Compute(set, daemon, nodes.List(), claim.Claimed, revision.Hash, Clock.GetUtcNow());
        var wait = settled ? await ApplyAsync(key, set, plan, daemon, revision.Hash, cancellationToken) : null;
        await WriteStatusAsync(set, plan.Status, cancellationToken);
        await history.DeleteAsync(RevisionPlan.Surplus(revisions, Used(claim.Claimed, revisions, revision), set.Spec.RevisionHistoryLimit ?? 10), cancellationToken);
        return new(wait ?? plan.RequeueAfter);
    }

    private async Task<TimeSpan?> ApplyAsync(
        NamespacedName key, DaemonSet set, DaemonSetPlan plan, PodSpec daemon, string hash, CancellationToken cancellationToken)
    {
        var wait = (TimeSpan?)null;
        foreach (var pod in plan.Delete)
        {
            var node = DaemonPod.NodeOf(pod) ?? "";
            if (plan.Failed.Contains(pod))
            {
                // By generation: a mended template need not wait for the failures of the one before it.
                if (failures.Wait($"{set.Metadata.Uid}/{set.Metadata.Generation}/{node}") is { Ticks: > 0 } left)
                {
                    wait = wait is null || left < wait ? left : wait;
                    continue;
                }
                recorder.Record(set, EventType.Warning, "FailedDaemonPod",
                    $"Found failed daemon pod {pod.Key} on node {node}, will try to kill it");
            }
            else if (pod.Status.Phase == "Succeeded")
            {
                recorder.Record(set, EventType.Normal, "SucceededDaemonPod",
                    $"Found succeeded daemon pod {pod.Key} on node {node}, will try to delete it");
            }
            expectations.ExpectDeletion(key, pod.Metadata.Uid!);
            if (await control.DeleteAsync(set, pod, cancellationToken) is not null)
            {
                expectations.DeletionSeen(key, pod.Metadata.Uid);
            }
        }
        if (plan.CreateOn.Count > 0)
        {
            expectations.ExpectCreations(key, plan.CreateOn.Count);
            var (created, failure) = await control.CreateSlowlyAsync(
                set, plan.CreateOn.Count, index => DaemonPod.Create(set, daemon, plan.CreateOn[index], hash), cancellationToken);
            expectations.CreationsFailed(key, plan.CreateOn.Count - created);
            if (failure is not null)
            {
                throw new InvalidOperationException(failure);
            }
        }
        return wait;
    }

    private Task WriteStatusAsync(DaemonSet set, DaemonSetStatus status, CancellationToken cancellationToken) =>
        WriteStatusAsync(Kinds.DaemonSets, set.Metadata, set.Status, status, ObjectJson.Default.DaemonSetStatus, cancellationToken);

    private static HashSet<string> Used(IReadOnlyList<Pod> own, ControllerRevision[] revisions, RevisionPlan present)
    {
        var hashes = own.Select(pod => pod.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash)).ToHashSet();
        return revisions.Where(revision => hashes.Contains(revision.Metadata.Labels?.GetValueOrDefault(Labels.ControllerRevisionHash)))
            .Select(revision => revision.Metadata.Name).Append(present.UpdateName).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Heartbeats change nothing about where daemons belong.</summary>
    private void SeeNode(InformerChange<Node> change)
    {
        if (change is { Old: { } old, New: { } @new } && SameLabels(old, @new) && SameTaints(old, @new))
        {
            return;
        }
        foreach (var set in sets.List())
        {
            Queue.Add(set.Key);
        }
    }

    private static bool SameLabels(Node left, Node right) =>
        (left.Metadata.Labels?.Count ?? 0) == (right.Metadata.Labels?.Count ?? 0)
        && (left.Metadata.Labels ?? new Dictionary<string, string>()).All(label => right.Metadata.Labels!.GetValueOrDefault(label.Key) == label.Value);

    private static bool SameTaints(Node left, Node right) => (left.Spec.Taints ?? []).SequenceEqual(right.Spec.Taints ?? []);
}
