namespace Flotilla.Provisioner.Alerts.Delivery;

/// <summary>When a delivery that failed is tried again: soon at first, for about a day in all.</summary>
public static class RetrySchedule
{
    private static readonly TimeSpan[] Delays =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(14),
    ];

    /// <param name="attempts">Made so far, at least one.</param>
    /// <returns>Null: give up.</returns>
    public static TimeSpan? After(int attempts) => attempts <= Delays.Length ? Delays[attempts - 1] : null;
}
