using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Plans;

/// <summary>What probes say of one running container.</summary>
/// <param name="Live">False when the liveness probe, or the startup probe, has failed for good.</param>
/// <param name="Started">The startup probe has succeeded, or there is none.</param>
public readonly record struct ProbeVerdict(bool Ready, bool Live, bool Started, string FailedProbe = "");

/// <summary>Why a container could not be started: a waiting reason and its message.</summary>
public sealed record ContainerTrouble(string Reason, string Message);

/// <summary>All that a decision about a pod is made from.</summary>
public sealed record PodObservation
{
    public required Pod Pod { get; init; }
    public required PodRuntimeState Runtime { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>By container name.</summary>
    public IReadOnlyDictionary<string, BackOffEntry> BackOffs { get; init; } = new Dictionary<string, BackOffEntry>();

    /// <summary>By container name.</summary>
    public IReadOnlyDictionary<string, ContainerTrouble> Troubles { get; init; } = new Dictionary<string, ContainerTrouble>();

    /// <summary>By container id.</summary>
    public IReadOnlyDictionary<string, ProbeVerdict> Probes { get; init; } = new Dictionary<string, ProbeVerdict>();

    /// <summary>By container id: resources that were changed since it was made.</summary>
    public IReadOnlyDictionary<string, string> Resized { get; init; } = new Dictionary<string, string>();

    /// <summary>Why a change of resources is not made (yet).</summary>
    public ContainerTrouble? ResizeTrouble { get; init; }

    /// <summary>Set when the node itself ends the pod (deadline, eviction).</summary>
    public PodVerdict? Verdict { get; init; }

    /// <summary>What the API is told of the verdict: nothing while a container runs, lest somebody takes its place before it has left.</summary>
    public PodVerdict? Outcome => Runtime.AnyRunning ? null : Verdict;

    /// <summary>When the node first saw the pod.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public bool Terminating => Pod.Metadata.DeletionTimestamp is not null || Verdict is not null;

    /// <summary>What the container may use now.</summary>
    public string Applied(ContainerRecord record) => Resized.GetValueOrDefault(record.Id, record.SpecResources);

    public ProbeVerdict Probe(PodContainer container, ContainerRecord record)
    {
        if (Probes.TryGetValue(record.Id, out var verdict))
        {
            return verdict;
        }

        var started = container.Spec.StartupProbe is null;
        return new(Ready: container.Spec.ReadinessProbe is null && started, Live: true, started);
    }
}
