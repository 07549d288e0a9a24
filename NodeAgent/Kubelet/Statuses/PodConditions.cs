using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Plans;

namespace Flotilla.NodeAgent.Kubelet.Statuses;

/// <summary>The conditions a kubelet owns. A transition time changes only with the status; other writers' conditions are left alone.</summary>
internal sealed class PodConditions(PodObservation observed, PodPlan plan, PodSpec spec, PodStatus status)
{
    public PodCondition[] All() =>
    [
        Condition("PodReadyToStartContainers", observed.Runtime.Sandbox is { Ready: true } ? null : ("", "")),
        Condition("Initialized", Uninitialized()),
        Condition("Ready", Unready() ?? ClosedGates()),
        Condition("ContainersReady", Unready()),
        Condition("PodScheduled", null),
        .. Resizing(),
        .. observed.Outcome?.Disruption is { } disruption ? (PodCondition[])[Condition("DisruptionTarget", null) with { Reason = "TerminationByKubelet", Message = disruption }] : [],
    ];

    private IEnumerable<PodCondition> Resizing()
    {
        if (observed.ResizeTrouble is { } trouble)
        {
            yield return Condition("PodResizePending", null) with { Reason = trouble.Reason, Message = trouble.Message };
        }
        else if (plan.Resizes)
        {
            yield return Condition("PodResizeInProgress", null);
        }
    }

    private (string Reason, string Message)? Uninitialized()
    {
        var incomplete = Incomplete().ToList();
        return incomplete.Count == 0 || status.Phase == "Succeeded" || AnyMainStarted()
            ? null
            : ("ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', incomplete)}]");
    }

    private (string Reason, string Message)? Unready()
    {
        if (status.Phase == "Succeeded")
        {
            return ("PodCompleted", "");
        }

        if (status.Phase == "Failed")
        {
            return ("PodFailed", "");
        }

        var sidecars = (status.InitContainerStatuses ?? []).Zip(spec.Init()).Where(pair => pair.Second.Kind == ContainerKind.Sidecar);
        var unready = sidecars.Select(pair => pair.First).Concat(status.ContainerStatuses ?? []).Where(container => !container.Ready).ToList();
        return unready.Count == 0
            ? null
            : ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready.Select(container => container.Name))}]");
    }

    private (string Reason, string Message)? ClosedGates()
    {
        var closed = (spec.ReadinessGates ?? [])
            .Where(gate => observed.Pod.Status?.Conditions?.Any(condition => condition.Type == gate.ConditionType && condition.Status == "True") != true)
            .Select(gate => $"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist or is not \"True\".")
            .ToList();
        return closed.Count == 0 ? null : ("ReadinessGatesNotReady", string.Join(", ", closed));
    }

    private IEnumerable<string> Incomplete() => (status.InitContainerStatuses ?? []).Zip(spec.Init())
        .Where(pair => pair.Second.Kind == ContainerKind.Sidecar ? pair.First.Started != true : !pair.First.Ready)
        .Select(pair => pair.First.Name);

    private bool AnyMainStarted() => spec.Main().Any(container => observed.Runtime.Latest(container.Name) is not null);

    private PodCondition Condition(string type, (string Reason, string Message)? failing)
    {
        var before = observed.Pod.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);
        var value = failing is null ? "True" : "False";
        return new()
        {
            Type = type,
            Status = value,
            ObservedGeneration = observed.Pod.Metadata.Generation,
            Reason = failing is { Reason.Length: > 0 } ? failing.Value.Reason : null,
            Message = failing is { Message.Length: > 0 } ? failing.Value.Message : null,
            LastTransitionTime = before?.Status == value ? before.LastTransitionTime : observed.Now,
        };
    }
}
