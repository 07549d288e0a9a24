namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

/// <summary>What of a container's log is wanted: the query of <c>/containerLogs</c>.</summary>
internal sealed record LogQuery
{
    public bool Follow { get; init; }

    public bool Timestamps { get; init; }

    public bool Previous { get; init; }

    public int? TailLines { get; init; }

    public long? LimitBytes { get; init; }

    public DateTimeOffset? Since { get; init; }

    /// <summary><c>Stdout</c> or <c>Stderr</c>; both when null.</summary>
    public string? Stream { get; init; }
}
