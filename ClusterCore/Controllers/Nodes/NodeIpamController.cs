using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Events;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Client.Queues;

namespace Flotilla.ClusterCore.Controllers.Nodes;

/// <summary>Gives each node a block of the cluster's pod addresses.</summary>
internal sealed class NodeIpamController : ReconcilingController
{
    private readonly Informer<Node> nodes;
    private readonly CidrBlocks blocks;
    private readonly EventRecorder recorder;

    public NodeIpamController(ControllerContext context, string clusterCidr) : base("node-ipam-controller", context, workers: 1)
    {
        blocks = CidrBlocks.Parse(clusterCidr, context.Options.NodeCidrMaskSize);
        recorder = context.Recorder("cidrAllocator");
        nodes = context.Informers.Get(Kinds.Nodes);
        nodes.AddHandler(See);
    }

    public override async Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (nodes.Find(key) is not { Metadata.DeletionTimestamp: null } node || !string.IsNullOrEmpty(node.Spec.PodCIDR))
        {
            return ReconcileResult.Done;
        }
        if (blocks.Allocate(key.Name) is not { } block)
        {
            recorder.Record(node, EventType.Normal, "CIDRNotAvailable", $"Node {key.Name} status is now: CIDRNotAvailable");
            return new(TimeSpan.FromMinutes(1));
        }
        var body = new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = block, ["podCIDRs"] = new JsonArray(block) } };
        var patched = await Client.PatchAsync(Kinds.Nodes, null, key.Name, Patch.Strategic(body), cancellationToken);
        if (!patched.IsNotFound)
        {
            patched.OrThrow();
        }
        return ReconcileResult.Done;
    }

    private void See(InformerChange<Node> change)
    {
        if (change.New is not { } node)
        {
            blocks.Release(change.Key.Name);
        }
        else if (node.Spec.PodCIDR is { Length: > 0 } block)
        {
            blocks.Occupy(change.Key.Name, block);
        }
        else
        {
            Queue.Add(change.Key);
        }
    }
}
