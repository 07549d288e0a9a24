namespace Flotilla.ClusterCore.Scheduler.Framework;

internal enum StatusCode
{
    /// <summary>Something went wrong that is not about the pod or the nodes.</summary>
    Error,
    /// <summary>Not here now; removing pods may help.</summary>
    Unschedulable,
    /// <summary>Not here, and preemption cannot help.</summary>
    UnschedulableAndUnresolvable,
    /// <summary>Waits for something outside the cluster's state.</summary>
    Pending,
}

/// <summary>Why an extension point said no. Success is <c>null</c>, so that the hot path allocates nothing.</summary>
internal sealed record Status(StatusCode Code, string Plugin, params string[] Reasons)
{
    public string Message => string.Join(", ", Reasons);

    public bool Rejects => Code is not StatusCode.Error;

    /// <summary>An error with where it happened before it; a rejection is told as it is.</summary>
    public Status At(string extensionPoint) => Rejects ? this : Error(Plugin, $"running {extensionPoint} plugin \"{Plugin}\": {Message}");

    /// <summary>What the pod is told when the node chosen for it was refused after all.</summary>
    public string MessageFor(string nodeName) => Rejects ? new Diagnosis { AllNodes = 1, NodeStatuses = { [nodeName] = this } }.Message() : Message;

    public static Status Unschedulable(string plugin, params string[] reasons) =>
        new(StatusCode.Unschedulable, plugin, reasons);

    public static Status Unresolvable(string plugin, params string[] reasons) =>
        new(StatusCode.UnschedulableAndUnresolvable, plugin, reasons);

    public static Status Error(string plugin, string reason) => new(StatusCode.Error, plugin, reason);
}
