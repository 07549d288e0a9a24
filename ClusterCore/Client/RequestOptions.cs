namespace Flotilla.ClusterCore.Client;

/// <summary>What a list asks for beyond its collection. <see cref="PageSize"/> 0 asks for everything in one answer.</summary>
public sealed record ListOptions
{
    public string? LabelSelector { get; init; }
    public string? FieldSelector { get; init; }
    public string? ResourceVersion { get; init; }
    public string? ResourceVersionMatch { get; init; }
    public int PageSize { get; init; } = 500;
}

public sealed record WatchOptions
{
    public string? LabelSelector { get; init; }
    public string? FieldSelector { get; init; }
    public string? ResourceVersion { get; init; }
    public bool SendInitialEvents { get; init; }
    public TimeSpan? Timeout { get; init; }
}

/// <summary>How an object is deleted; all absent means the kind's own defaults.</summary>
public sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }
    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</summary>
    public string? PropagationPolicy { get; init; }
    public string? PreconditionUid { get; init; }
    public string? PreconditionResourceVersion { get; init; }
}
