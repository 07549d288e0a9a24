namespace Flotilla.ClusterCore.Storage.Embedded.Watch;

/// <summary>What watches have in common; all with the same share one stream of batches.</summary>
internal readonly record struct WatchGroupKey(ReadOnlyMemory<byte> Start, ReadOnlyMemory<byte> End, bool PreviousValues, bool Progress)
{
    public bool Equals(WatchGroupKey other) =>
        PreviousValues == other.PreviousValues && Progress == other.Progress &&
        Start.Span.SequenceEqual(other.Start.Span) && End.Span.SequenceEqual(other.End.Span);

    public override int GetHashCode() =>
        HashCode.Combine(KeyBytes.Equality.GetHashCode(Start), KeyBytes.Equality.GetHashCode(End), PreviousValues, Progress);
}
