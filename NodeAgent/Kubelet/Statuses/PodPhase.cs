using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Statuses;

internal static class PodPhase
{
    public static string Of(PodObservation observed, PodSpec spec, PodStatus status)
    {
        if (observed.Pod.Status?.Phase is "Succeeded" or "Failed")
        {
            return observed.Pod.Status.Phase;
        }

        if (observed.Outcome is not null)
        {
            return "Failed";
        }

        var phase = FromContainers(spec, status);
        return phase is "Running" or "Pending" && observed.Pod.Metadata.DeletionTimestamp is not null && AllEnded(observed, spec)
            ? Ended(status)
            : phase;
    }

    private static string FromContainers(PodSpec spec, PodStatus status)
    {
        var restart = spec.RestartPolicy ?? "Always";
        foreach (var (init, container) in (status.InitContainerStatuses ?? []).Zip(spec.Init()))
        {
            if (container.Kind == ContainerKind.Init && init.State?.Terminated is { ExitCode: not 0 } && restart == "Never")
            {
                return "Failed";
            }
        }

        var main = status.ContainerStatuses ?? [];
        if (main.Any(NeverStarted))
        {
            return "Pending";
        }

        if (main.Any(container => container.State?.Running is not null))
        {
            return "Running";
        }

        return restart switch
        {
            "Always" => "Running",
            "OnFailure" when main.Any(container => container.State?.Terminated is not { ExitCode: 0 }) => "Running",
            _ => Ended(status),
        };
    }

    private static bool NeverStarted(ContainerStatus status) => status.State?.Waiting is not null && status.LastState?.Terminated is null;

    private static bool AllEnded(PodObservation observed, PodSpec spec) =>
        !observed.Runtime.AnyRunning && spec.Main().All(container => observed.Runtime.Latest(container.Name) is { State: RunState.Exited });

    private static string Ended(PodStatus status) =>
        (status.ContainerStatuses ?? []).All(container => container.State?.Terminated is { ExitCode: 0 }) ? "Succeeded" : "Failed";
}
