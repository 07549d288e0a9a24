namespace Flotilla.NodeAgent.Kubelet.Plans;

/// <summary>Why the node itself ends a pod: when it has ended its phase is Failed with this reason and message.</summary>
public sealed record PodVerdict(string Reason, string Message)
{
    /// <summary>In place of the pod's own.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>The pod did nothing wrong: a DisruptionTarget condition with this message says so to whoever counts failures.</summary>
    public string? Disruption { get; init; }
}
