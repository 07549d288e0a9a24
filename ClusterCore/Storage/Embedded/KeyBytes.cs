namespace Flotilla.ClusterCore.Storage.Embedded;

/// <summary>Keys compared by their bytes.</summary>
internal static class KeyBytes
{
    public static IComparer<ReadOnlyMemory<byte>> Order { get; } =
        Comparer<ReadOnlyMemory<byte>>.Create(static (left, right) => left.Span.SequenceCompareTo(right.Span));

    public static IEqualityComparer<ReadOnlyMemory<byte>> Equality { get; } = new ByteEquality();

    private sealed class ByteEquality : IEqualityComparer<ReadOnlyMemory<byte>>
    {
        public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<byte> obj)
        {
            var hash = new HashCode();
            hash.AddBytes(obj.Span);
            return hash.ToHashCode();
        }
    }
}
