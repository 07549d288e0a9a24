using System.Buffers.Text;

namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>The one array that holds a key and its value, stamped with the revision where the writer asked for it.</summary>
internal static class StoredBytes
{
    private const int MaxDigits = 20;

    public static byte[] Join(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int stampAt, long revision)
    {
        Span<byte> digits = stackalloc byte[MaxDigits];
        var length = 0;
        if (stampAt >= 0)
        {
            _ = Utf8Formatter.TryFormat(revision, digits, out length);
        }

        var bytes = GC.AllocateUninitializedArray<byte>(key.Length + value.Length + length);
        key.CopyTo(bytes);
        var rest = bytes.AsSpan(key.Length);
        var head = stampAt < 0 ? value.Length : stampAt;
        value[..head].CopyTo(rest);
        digits[..length].CopyTo(rest[head..]);
        value[head..].CopyTo(rest[(head + length)..]);
        return bytes;
    }
}
