using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.NodeAgent.Kubelet.Plans;

/// <param name="Message">As the Killing event says it.</param>
/// <param name="Grace">In place of the pod's own, where a probe that failed says another.</param>
public sealed record ContainerKill(PodContainer? Container, ContainerRecord Record, string Message, TimeSpan? Grace = null);

/// <summary>What to do next for one pod. Computed purely; the pod's worker applies it, looks again and computes anew.</summary>
public sealed record PodPlan
{
    /// <summary>The sandbox is missing or dead and the pod has work left.</summary>
    public bool CreateSandbox { get; init; }

    public uint SandboxAttempt { get; init; }

    /// <summary>Sandboxes to stop: replaced ones, or the last one when the pod has finished.</summary>
    public IReadOnlyList<SandboxRecord> StopSandboxes { get; init; } = [];

    public IReadOnlyList<ContainerKill> Kill { get; init; } = [];

    public IReadOnlyList<PodContainer> Start { get; init; } = [];

    /// <summary>Running containers whose spec gives them other resources than they have.</summary>
    public IReadOnlyList<(PodContainer Container, ContainerRecord Record)> Resize { get; init; } = [];

    /// <summary>A running container has other resources than its spec gives it, and gets them in place or by a restart.</summary>
    public bool Resizes { get; init; }

    /// <summary>Containers that wait out their crash back-off, and until when.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> BackingOff { get; init; } = new Dictionary<string, DateTimeOffset>();

    /// <summary>Every container has ended for good.</summary>
    public bool Finished { get; init; }

    public DateTimeOffset? LookAgain => BackingOff.Count == 0 ? null : BackingOff.Values.Min();

    public bool Idle => !CreateSandbox && StopSandboxes.Count == 0 && Kill.Count == 0 && Start.Count == 0 && Resize.Count == 0;

    public static PodPlan Compute(PodObservation observed)
    {
        var spec = observed.Pod.Spec ?? new PodSpec();
        var finished = IsFinished(observed, spec);
        if (finished || observed.Terminating)
        {
            return Ending(observed, spec, finished);
        }

        return observed.Runtime.Sandbox is { Ready: true } sandbox
            ? new PodPlanner(observed, spec, sandbox).Compute()
            : NewSandbox(observed, spec);
    }

    /// <summary>Restart policy of one ordinary container; its own overrides the pod's.</summary>
    public static bool ShouldRestart(PodSpec spec, PodContainer container, ContainerRecord record) => container.Kind switch
    {
        ContainerKind.Sidecar => true,
        ContainerKind.Ephemeral => false,
        ContainerKind.Init => !record.Succeeded && spec.RestartPolicy != "Never",
        _ => (container.Spec.RestartPolicy ?? spec.RestartPolicy) switch
        {
            "Never" => false,
            "OnFailure" => !record.Succeeded,
            _ => true,
        },
    };

    private static bool IsFinished(PodObservation observed, PodSpec spec)
    {
        if (observed.Pod.Status?.Phase is "Succeeded" or "Failed")
        {
            return true;
        }

        var initFailed = spec.Init().Any(init => init.Kind == ContainerKind.Init && EndedForGood(init) is { Succeeded: false });
        return initFailed || (spec.Main() is { Count: > 0 } main && main.All(container => EndedForGood(container) is not null));

        ContainerRecord? EndedForGood(PodContainer container) =>
            observed.Runtime.Latest(container.Name) is { State: RunState.Exited } record && !ShouldRestart(spec, container, record)
                ? record
                : null;
    }

    private static PodPlan Ending(PodObservation observed, PodSpec spec, bool finished)
    {
        var running = observed.Runtime.Containers.Where(container => container.State is RunState.Running or RunState.Unknown);
        return new()
        {
            Finished = finished,
            Kill = [.. running.Select(record => new ContainerKill(spec.Find(record.Name), record, $"Stopping container {record.Name}"))],
            StopSandboxes = [.. observed.Runtime.Sandboxes.Where(sandbox => sandbox.Ready)],
        };
    }

    private static PodPlan NewSandbox(PodObservation observed, PodSpec spec)
    {
        var dead = observed.Runtime.Sandbox;
        var left = observed.Runtime.Containers.Where(container => container.State is RunState.Running or RunState.Unknown);
        return new()
        {
            CreateSandbox = true,
            SandboxAttempt = dead is null ? 0 : dead.Attempt + 1,
            StopSandboxes = dead is null ? [] : [dead],
            Kill = [.. left.Select(record => new ContainerKill(spec.Find(record.Name), record, $"Stopping container {record.Name}"))],
        };
    }
}
