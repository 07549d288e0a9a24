namespace Flotilla.Provisioner.Fleet.Alerts;

public enum ChannelKind
{
    Webhook,
    Slack,
    Teams,
    KakaoTalk,
}

public sealed class AlertChannel
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required Guid ProjectId { get; init; }

    public required string Name { get; set; }

    public required ChannelKind Kind { get; init; }

    /// <summary>The URL, sealed: chat services put the secret in its path.</summary>
    public required byte[] Url { get; set; }

    /// <summary>Scheme and host, for lists and logs.</summary>
    public required string DisplayUrl { get; set; }

    /// <summary>The signing secret (<c>whsec_…</c>), sealed; webhooks only.</summary>
    public byte[]? Secret { get; set; }

    public bool Enabled { get; set; } = true;

    public required DateTimeOffset CreatedAt { get; init; }
}
