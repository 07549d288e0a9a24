using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Pods;

/// <summary>Removes pods that nobody else will: the oldest of too many finished ones, and those whose node is gone.</summary>
internal sealed class PodGarbageController : ReconcilingController
{
    /// <summary>A node that is deleted may come back at once under its name: its pods wait that long.</summary>
    private static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(5);
    private static readonly NamespacedName Finished = new("", "finished");
    private const string NodePrefix = "node";
    private const string OutOfServicePrefix = "out-of-service";
    private readonly Informer<Pod> pods;
    private readonly Informer<Node> nodes;

    public PodGarbageController(ControllerContext context) : base("pod-garbage-collector", context, workers: 1)
    {
        nodes = context.Informers.Get(Kinds.Nodes);
        pods = context.Informers.Pods();
        nodes.AddHandler(change =>
        {
            if (change.IsDeleted)
            {
                Queue.AddAfter(new(NodePrefix, change.Key.Name), Quarantine);
            }
            else if (PodGarbagePlan.OutOfService(change.New, pods.OnNode(change.Key.Name)).Pods.Count > 0)
            {
                Queue.Add(new(OutOfServicePrefix, change.Key.Name));
            }
        });
        pods.AddHandler(See);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        var plan = key == Finished
            ? PodGarbagePlan.Surplus(pods.List(), Context.Options.TerminatedPodLimit)
            : key.Namespace == OutOfServicePrefix ? PodGarbagePlan.OutOfService(nodes.Find(null, key.Name), pods.OnNode(key.Name))
            : key.Namespace == NodePrefix ? await OrphansAsync(key.Name, cancellationToken)
            : PodGarbagePlan.Unscheduled(pods.Find(new(key.Namespace, key.Name)));
        foreach (var garbage in plan.Pods)
        {
            await DeleteAsync(garbage, plan, cancellationToken);
        }
        return ReconcileResult.Done;
    }

    /// <summary>Asks the server: the cache may not know a node that registered just now.</summary>
    private async Task<PodGarbagePlan> OrphansAsync(string node, CancellationToken cancellationToken)
    {
        if (nodes.Find(null, node) is not null)
        {
            return PodGarbagePlan.Nothing;
        }
        var found = await Client.GetAsync(Kinds.Nodes, null, node, cancellationToken);
        return found.IsNotFound ? PodGarbagePlan.Orphans(pods.OnNode(node)) : PodGarbagePlan.Nothing;
    }

    private async Task DeleteAsync(Pod pod, PodGarbagePlan plan, CancellationToken cancellationToken)
    {
        if (!pod.IsFinished())
        {
            // A pod that a finalizer keeps has ended all the same: its job counts and replaces it.
            var target = plan.Disrupts is { } message
                ? PodDisruption.Target("DeletionByPodGC", message, pod.Metadata.Generation, Clock.GetUtcNow(), "Failed")
                : Patch.Strategic(new JsonObject { ["status"] = new JsonObject { ["phase"] = "Failed" } });
            await Client.PatchStatusAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, target, cancellationToken);
        }
        var now = new DeleteOptions { GracePeriodSeconds = 0, PreconditionUid = pod.Metadata.Uid };
        await Client.DeleteAsync(Kinds.Pods, pod.Metadata.Namespace, pod.Metadata.Name, cancellationToken, now);
    }

    private void See(InformerChange<Pod> change)
    {
        if (change.New is not { } pod)
        {
            return;
        }
        if (pod.IsFinished())
        {
            Queue.AddAfter(Finished, Gather);
        }
        else if (pod.IsTerminating() && string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            Queue.Add(change.Key);
        }
        if (pod.IsTerminating() && pod.Spec.NodeName is { Length: > 0 } dead && PodGarbagePlan.OutOfService(nodes.Find(null, dead), [pod]).Pods.Count > 0)
        {
            Queue.Add(new(OutOfServicePrefix, dead));
        }
        if (pod.Spec.NodeName is { Length: > 0 } node && nodes.HasSynced && nodes.Find(null, node) is null)
        {
            Queue.AddAfter(new(NodePrefix, node), Quarantine);
        }
    }
}
