using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Admission;
using Flotilla.NodeAgent.Kubelet.Containers;
using Flotilla.NodeAgent.Kubelet.Hooks;
using Flotilla.NodeAgent.Kubelet.Images;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Flotilla.NodeAgent.Kubelet.Probes;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Kubelet.Statuses;
using Flotilla.NodeAgent.Runtime;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Pods;

/// <summary>What every pod's worker works with.</summary>
internal sealed record PodServices
{
    public required ICriRuntime Runtime { get; init; }
    public required ApiClient Client { get; init; }
    public required PodEvents Events { get; init; }
    public required ImagePuller Images { get; init; }
    public required LifecycleHooks Hooks { get; init; }
    public required IProber Prober { get; init; }
    public required LastWords LastWords { get; init; }
    public required StatusWriter Statuses { get; init; }
    public required Func<Pod, NodeIdentity> Node { get; init; }
    public required Func<Pod, IPodFiles> Files { get; init; }
    /// <summary>What the runtime calls the pod's runtime class; nothing for the one it has by default.</summary>
    public Func<Pod, CancellationToken, Task<string>> RuntimeHandler { get; init; } = static (_, _) => Task.FromResult("");
    public KubeletMetrics Metrics { get; } = new();
    /// <summary>Every pod that is on the node.</summary>
    public Func<IEnumerable<Pod>> Pods { get; init; } = static () => [];
    /// <summary>Null where many nodes share the process: each would have a limit of its own.</summary>
    public ContainerStarts? Starts { get; init; }
    /// <summary>Why a new pod is turned away, given the others on its node; null where it is welcome. Without it all are.</summary>
    public Func<Pod, IReadOnlyList<PodWorker>, CancellationToken, Task<PodRefusal?>>? Admission { get; init; }
    /// <summary>Whether there are no containers behind the runtime: logs and commands are answered without it.</summary>
    public bool Simulated { get; init; }
    public required TimeProvider Clock { get; init; }
    public required ILogger Logger { get; init; }
}
