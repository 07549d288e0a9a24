using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Plans;
using Flotilla.NodeAgent.Runtime;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>
/// Gives running containers the resources that their spec says now, without a restart: at once where there is room, later where
/// others have it (Deferred), never where the node is too small (Infeasible).
/// </summary>
internal sealed class PodResize(PodServices services, IPodFiles files, PodMemory memory)
{
    public async Task ApplyAsync(Pod pod, PodPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Resize.Count == 0 || (memory.ResizeTrouble = Trouble(pod)) is not null)
        {
            return;
        }

        foreach (var (container, record) in plan.Resize)
        {
            try
            {
                await services.Runtime.UpdateContainerResourcesAsync(record.Id, files.Resize(pod, container), cancellationToken);
                memory.Resized[record.Id] = AppliedResources.Text(container.Spec.Resources);
                services.Events.Normal(pod, container, "ResizeCompleted", $"Container {container.Name} was resized without a restart");
            }
            catch (Exception exception) when (exception is CriException { Unreachable: false } or IOException)
            {
                // A limit below what is in use: the kernel takes it when there is less.
                memory.ResizeTrouble = new("Deferred", $"container {container.Name}: {exception.Message}");
            }
        }
    }

    private ContainerTrouble? Trouble(Pod pod)
    {
        var node = services.Node(pod).Resources;
        if (NodeRoom.Lacking(pod, [], node, null) is [.., var never])
        {
            return new("Infeasible", $"Node didn't have enough capacity: {never.Resource}, requested: {never.Requested}, capacity: {never.Capacity}");
        }

        return NodeRoom.Lacking(pod, services.Pods(), node, null) is [var now, ..] ? new("Deferred", now.Message) : null;
    }
}
