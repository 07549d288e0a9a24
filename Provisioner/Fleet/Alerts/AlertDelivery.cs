namespace Flotilla.Provisioner.Fleet.Alerts;

public enum DeliveryState
{
    Pending,
    Delivered,

    /// <summary>Given up after the last attempt.</summary>
    Failed,
}

/// <summary>The outbox: one alert on its way to one channel.</summary>
public sealed class AlertDelivery
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required Guid AlertId { get; init; }

    public Alert? Alert { get; init; }

    public required Guid ChannelId { get; init; }

    public AlertChannel? Channel { get; init; }

    public DeliveryState State { get; set; }

    public int Attempts { get; set; }

    public required DateTimeOffset NextAttemptAt { get; set; }

    public int? ResponseStatus { get; set; }

    public string? LastError { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? DeliveredAt { get; set; }
}
