namespace Flotilla.ClusterCore.Client;

/// <summary>A <c>Status</c> of the API: why a request was refused. Reasons are the API's own (<see cref="ApiReason"/>).</summary>
public sealed record ApiStatus
{
    public string? Status { get; set; }
    public string? Message { get; set; }
    public string? Reason { get; set; }
    public int Code { get; set; }
    public ApiStatusDetails? Details { get; set; }

    public override string ToString() => $"{Code} {Reason}: {Message}";
}

public sealed record ApiStatusDetails
{
    public string? Name { get; set; }
    public string? Group { get; set; }
    public string? Kind { get; set; }
    public string? Uid { get; set; }
    public int RetryAfterSeconds { get; set; }
    public ApiStatusCause[]? Causes { get; set; }
}

public sealed record ApiStatusCause
{
    public string? Reason { get; set; }
    public string? Message { get; set; }
    public string? Field { get; set; }
}

public static class ApiReason
{
    public const string NotFound = "NotFound";
    public const string AlreadyExists = "AlreadyExists";
    public const string Conflict = "Conflict";
    public const string Invalid = "Invalid";
    public const string Forbidden = "Forbidden";
    public const string Gone = "Gone";
    public const string Expired = "Expired";
    public const string TooManyRequests = "TooManyRequests";
}
