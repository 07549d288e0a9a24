namespace Flotilla.ClusterCore.Client.Objects;

public sealed record TokenRequest : KubernetesObject
{
    public TokenRequestSpec Spec { get; set; } = new();
    public TokenRequestStatus Status { get; set; } = new();
}

public sealed record TokenRequestSpec
{
    public string[]? Audiences { get; set; }
    public long? ExpirationSeconds { get; set; }
    public BoundObjectReference? BoundObjectRef { get; set; }
}

public sealed record TokenRequestStatus
{
    public string? Token { get; set; }
    public DateTimeOffset? ExpirationTimestamp { get; set; }
}

public sealed record BoundObjectReference
{
    public string? Kind { get; set; }
    public string? ApiVersion { get; set; }
    public string? Name { get; set; }
    public string? Uid { get; set; }
}
