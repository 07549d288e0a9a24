using System.Net;
using Flotilla.Provisioner.Fleet.Alerts;

namespace Flotilla.Provisioner.Alerts.Delivery;

/// <summary>What came of one attempt.</summary>
public sealed record DeliveryOutcome(HttpStatusCode? Status, string? Error)
{
    public bool Succeeded => Error is null;

    public void Apply(AlertDelivery delivery, DateTimeOffset now)
    {
        (delivery.ResponseStatus, delivery.LastError) = ((int?)Status, Error);
        if (Succeeded)
        {
            (delivery.State, delivery.DeliveredAt) = (DeliveryState.Delivered, now);
            return;
        }
        // 410 Gone: the receiver says that it wants no more of this.
        var delay = Status == HttpStatusCode.Gone ? null : RetrySchedule.After(delivery.Attempts);
        delivery.State = delay is null ? DeliveryState.Failed : DeliveryState.Pending;
        delivery.NextAttemptAt = now + (delay ?? TimeSpan.Zero);
    }
}
