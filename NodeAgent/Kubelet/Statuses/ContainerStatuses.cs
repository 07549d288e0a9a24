using Flotilla.ClusterCore.Client.Objects;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Statuses;

/// <summary>One container's status out of what the runtime says, what could not be done, and what is waited for.</summary>
internal sealed class ContainerStatuses(PodObservation observed, PodPlan plan, PodSpec spec)
{
    public ContainerStatus[] Of(IEnumerable<PodContainer> containers) => [.. containers.Select(Of)];

    /// <summary>What the API was told last.</summary>
    public static ContainerStatus? Before(Pod pod, PodContainer container) => (container.Kind switch
    {
        ContainerKind.Main => pod.Status?.ContainerStatuses,
        ContainerKind.Ephemeral => pod.Status?.EphemeralContainerStatuses,
        _ => pod.Status?.InitContainerStatuses,
    })?.FirstOrDefault(status => status.Name == container.Name);

    private ContainerStatus Of(PodContainer container)
    {
        var record = observed.Runtime.Latest(container.Name);
        var before = Before(observed.Pod, container);
        var verdict = record is { Running: true } ? observed.Probe(container, record) : default;
        var state = State(container, record);
        var applied = record is { Running: true } ? AppliedResources.Read(observed.Applied(record)) : null;
        return new()
        {
            Name = container.Name,
            Image = container.Spec.Image ?? "",
            ImageID = record?.ImageId ?? before?.ImageID ?? "",
            ContainerID = record is null ? before?.ContainerID : ContainerId(record),
            RestartCount = record is null ? before?.RestartCount ?? 0 : (int)record.Attempt,
            State = state,
            LastState = LastState(container, record, state) ?? (record is null ? before?.LastState : null),
            Ready = IsReady(container, record, verdict),
            AllocatedResources = applied?.Requests,
            Resources = applied is { Limits: null, Requests: null } ? null : applied,
            StopSignal = record is null ? null : container.Spec.Lifecycle?.StopSignal,
            Started = record is { Running: true } && verdict.Started,
        };
    }

    private static bool IsReady(PodContainer container, ContainerRecord? record, ProbeVerdict verdict) => container.Kind switch
    {
        ContainerKind.Init => record is { Succeeded: true },
        ContainerKind.Ephemeral => false,
        _ => record is { Running: true } && verdict is { Ready: true, Started: true },
    };

    private ContainerState State(PodContainer container, ContainerRecord? record)
    {
        if (record is { Running: true })
        {
            return new() { Running = new() { StartedAt = record.StartedAt } };
        }

        if (record is { State: RunState.Exited } && !WillRestart(container, record))
        {
            return new() { Terminated = Terminated(record) };
        }

        if (record is { State: RunState.Exited } && plan.BackingOff.ContainsKey(container.Name))
        {
            return Waiting("CrashLoopBackOff", BackOffMessage(container));
        }

        if (!observed.Terminating && observed.Troubles.TryGetValue(container.Name, out var trouble))
        {
            return Waiting(trouble.Reason, trouble.Message);
        }

        return record switch
        {
            { State: RunState.Exited } => new() { Terminated = Terminated(record) },
            null when Before(observed.Pod, container)?.State is { Terminated: not null } ended => ended,
            _ => Waiting(spec.InitContainers is { Length: > 0 } ? "PodInitializing" : "ContainerCreating", null),
        };
    }

    private ContainerState? LastState(PodContainer container, ContainerRecord? record, ContainerState state)
    {
        var last = state.Terminated is null && record is { State: RunState.Exited } ? record : observed.Runtime.Previous(container.Name);
        return last is { State: RunState.Exited } ? new() { Terminated = Terminated(last) } : null;
    }

    private bool WillRestart(PodContainer container, ContainerRecord record) =>
        !observed.Terminating && !plan.Finished && PodPlan.ShouldRestart(spec, container, record);


    private string BackOffMessage(PodContainer container)
    {
        var delay = observed.BackOffs.TryGetValue(container.Name, out var entry) ? entry.Delay : RestartBackOff.Initial;
        return $"back-off {GoDuration.Format((long)delay.TotalNanoseconds)} restarting failed container={container.Name} pod={PodNames.Full(observed.Pod)}";
    }

    private static ContainerState Waiting(string reason, string? message) => new() { Waiting = new() { Reason = reason, Message = message } };

    private static ContainerStateTerminated Terminated(ContainerRecord record) => new()
    {
        ExitCode = record.ExitCode,
        Reason = record.Reason.Length > 0 ? record.Reason : record.ExitCode == 0 ? "Completed" : "Error",
        Message = record.Message.Length > 0 ? record.Message : null,
        StartedAt = record.StartedAt,
        FinishedAt = record.FinishedAt,
        ContainerID = ContainerId(record),
    };

    public static string ContainerId(ContainerRecord record) => $"containerd://{record.Id}";
}
