namespace Flotilla.ClusterCore.Client.Objects;

public sealed record CertificateSigningRequest : KubernetesObject
{
    public CertificateSigningRequestSpec Spec { get; set; } = new();
    public CertificateSigningRequestStatus Status { get; set; } = new();
}

public sealed record CertificateSigningRequestSpec
{
    public byte[]? Request { get; set; }
    public string SignerName { get; set; } = "";
    public int? ExpirationSeconds { get; set; }
    public string[]? Usages { get; set; }
    public string? Username { get; set; }
    public string? Uid { get; set; }
    public string[]? Groups { get; set; }
}

public sealed record CertificateSigningRequestStatus
{
    public CertificateSigningRequestCondition[]? Conditions { get; set; }
    public byte[]? Certificate { get; set; }
}

public sealed record CertificateSigningRequestCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public string? Reason { get; set; }
    public string? Message { get; set; }
    public DateTimeOffset? LastUpdateTime { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }
}
