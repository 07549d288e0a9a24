namespace Flotilla.ClusterCore.Scheduler.Framework;

/// <summary>What a plugin computed in one scheduling cycle and reads again at a later extension point.</summary>
internal interface ICycleData
{
    /// <summary>A copy that a preemption dry run may change; immutable data returns itself.</summary>
    ICycleData Clone() => this;
}

/// <summary>Names one plugin's place in every <see cref="CycleState"/>.</summary>
internal sealed class CycleSlot<T>
    where T : class, ICycleData
{
    public int Index { get; } = CycleState.NextSlot();
}

internal sealed class CycleState
{
    private static int slots;
    private ICycleData?[] data = new ICycleData?[Math.Max(16, slots)];

    /// <summary>Filter plugins (by their index in the profile) that have nothing to say about this pod.</summary>
    public ulong SkippedFilters { get; set; }

    internal static int NextSlot() => Interlocked.Increment(ref slots) - 1;

    public T Get<T>(CycleSlot<T> slot)
        where T : class, ICycleData => Find(slot) ?? throw new InvalidOperationException($"{typeof(T).Name} was not computed in this cycle.");

    public T? Find<T>(CycleSlot<T> slot)
        where T : class, ICycleData => slot.Index < data.Length ? (T?)data[slot.Index] : null;

    public void Set<T>(CycleSlot<T> slot, T value)
        where T : class, ICycleData
    {
        if (slot.Index >= data.Length) { Array.Resize(ref data, slot.Index + 8); }
        data[slot.Index] = value;
    }

    public CycleState Clone() => new()
    {
        data = Array.ConvertAll(data, item => item?.Clone()),
        SkippedFilters = SkippedFilters,
    };
}
