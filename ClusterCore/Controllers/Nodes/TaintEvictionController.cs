using System.Collections.Concurrent;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;
using Flotilla.ClusterCore.Controllers.Pods;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>Deletes pods that do not tolerate their node, at once or when their toleration has run out.</summary>
internal sealed class TaintEvictionController : ReconcilingController
{
    private readonly Informer<Node> nodes;
    private readonly Informer<Pod> pods;
    private readonly EventRecorder recorder;

    /// <summary>Pods whose time runs: who is no longer to go is told.</summary>
    private readonly ConcurrentDictionary<NamespacedName, bool> waiting = [];

    public TaintEvictionController(ControllerContext context) : base("taint-eviction-controller", context, workers: 4)
    {
        recorder = context.Recorder(Name);
        pods = context.Informers.Pods();
        nodes = context.Informers.Get(Kinds.Nodes);
        nodes.AddHandler(SeeNode);
        pods.AddHandler(SeePod);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (pods.Find(key) is not { } pod || pod.IsTerminating() || pod.Spec.NodeName is not { } nodeName
            || nodes.Find(null, nodeName) is not { } node)
        {
            waiting.TryRemove(key, out _);
            return ReconcileResult.Done;
        }
        var now = Clock.GetUtcNow();
        if (TaintEvictionPlan.Compute(node.Spec.Taints ?? [], pod, now).DeleteAt is not { } deleteAt)
        {
            if (waiting.TryRemove(key, out _))
            {
                recorder.Record(pod, EventType.Normal, "TaintManagerEviction", $"Cancelling deletion of Pod {key}");
            }
            return ReconcileResult.Done;
        }
        if (deleteAt > now)
        {
            waiting[key] = true;
            return new(deleteAt - now);
        }
        recorder.Record(pod, EventType.Normal, "TaintManagerEviction", $"Marking for deletion Pod {key}");
        var target = PodDisruption.Target(
            "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", pod.Metadata.Generation, now);
        await Client.PatchStatusAsync(Kinds.Pods, key.Namespace, key.Name, target, cancellationToken);
        var only = new DeleteOptions { PreconditionUid = pod.Metadata.Uid };
        var deleted = await Client.DeleteAsync(Kinds.Pods, key.Namespace, key.Name, cancellationToken, only);
        if (!deleted.IsNotFound && !deleted.IsConflict)
        {
            deleted.OrThrow();
        }
        return ReconcileResult.Done;
    }

    private void SeeNode(InformerChange<Node> change)
    {
        if (change.New is { } node && (Evicts(node) || (change.Old is { } old && Evicts(old))))
        {
            foreach (var pod in pods.OnNode(change.Key.Name))
            {
                Queue.Add(pod.Key);
            }
        }
    }

    private void SeePod(InformerChange<Pod> change)
    {
        if (change.IsDeleted)
        {
            waiting.TryRemove(change.Key, out _);
        }
        if (change.New is { Spec.NodeName: { } nodeName } && nodes.Find(null, nodeName) is { } node && Evicts(node))
        {
            Queue.Add(change.Key);
        }
    }

    private static bool Evicts(Node node) => Array.Exists(node.Spec.Taints ?? [], taint => taint.Effect == NodeTaints.NoExecute);
}
