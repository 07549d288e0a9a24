namespace Flotilla.Robustness.Faults;

/// <summary>A machine whose date is set to and fro; as everywhere, what is measured between two moments is not moved by it.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long offset;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Volatile.Read(ref offset));

    /// <summary>Sets the date up to ten years off.</summary>
    public void Jump(Random random) =>
        Volatile.Write(ref offset, (long)((random.NextDouble() - 0.5) * 20 * 365 * TimeSpan.TicksPerDay));
}
