using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.Portal.Web.Workloads;

/// <summary>A pod's status in one word, as kubectl's STATUS column has it.</summary>
internal static class PodPhase
{
    public static string Of(Pod pod)
    {
        if (pod.Metadata.DeletionTimestamp is not null) { return pod.Status.Reason == "NodeLost" ? "Unknown" : "Terminating"; }
        return Init(pod) ?? Containers(pod) ?? pod.Status.Reason ?? pod.Status.Phase ?? "Pending";
    }

    public static int Ready(Pod pod) => pod.Status.ContainerStatuses?.Count(container => container.Ready) ?? 0;

    public static int Restarts(Pod pod) => pod.Status.ContainerStatuses?.Sum(container => container.RestartCount) ?? 0;

    private static string? Init(Pod pod)
    {
        var statuses = pod.Status.InitContainerStatuses ?? [];
        for (var i = 0; i < statuses.Length; i++)
        {
            var state = statuses[i].State;
            if (state?.Terminated is { ExitCode: 0 } || statuses[i].Started == true) { continue; }
            if (state?.Terminated is { } terminated) { return "Init:" + (Word(terminated) ?? $"ExitCode:{terminated.ExitCode}"); }
            return state?.Waiting is { Reason: { Length: > 0 } reason } && reason != "PodInitializing"
                ? "Init:" + reason
                : $"Init:{i}/{pod.Spec.InitContainers?.Length ?? statuses.Length}";
        }
        return null;
    }

    private static string? Containers(Pod pod)
    {
        string? word = null;
        var running = false;
        foreach (var container in (pod.Status.ContainerStatuses ?? []).Reverse())
        {
            if (container.State?.Waiting is { Reason: { Length: > 0 } waiting }) { word = waiting; }
            else if (container.State?.Terminated is { } terminated) { word = Word(terminated) ?? $"ExitCode:{terminated.ExitCode}"; }
            else if (container is { Ready: true, State.Running: not null }) { running = true; }
        }
        return word == "Completed" && running ? "Running" : word;
    }

    private static string? Word(ContainerStateTerminated terminated) => terminated switch
    {
        { Reason: { Length: > 0 } reason } => reason,
        { Signal: not 0 } => $"Signal:{terminated.Signal}",
        _ => null,
    };
}
