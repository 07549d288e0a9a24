using System.Buffers.Text;

namespace Flotilla.ClusterCore.ApiServer.Cache;

/// <summary>
/// The place of the resourceVersion in stored bytes. They start
/// <c>{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"42"…</c>, so the first occurrence is the right one.
/// </summary>
internal static class ResourceVersionStamp
{
    private static ReadOnlySpan<byte> Marker => "\"metadata\":{\"resourceVersion\":\""u8;

    public static int Offset(ReadOnlySpan<byte> value)
    {
        var at = value.IndexOf(Marker);
        return at < 0 ? throw new InvalidDataException("A stored object has no resourceVersion where it belongs.") : at + Marker.Length;
    }

    /// <summary>Null for what was written only for an answer, as in a dry run.</summary>
    public static long? Read(ReadOnlySpan<byte> value)
    {
        var at = value.IndexOf(Marker);
        return at >= 0 && Utf8Parser.TryParse(value[(at + Marker.Length)..], out long revision, out _) ? revision : null;
    }

    public static byte[] Replace(ReadOnlySpan<byte> value, long revision)
    {
        var start = Offset(value);
        var end = start + value[start..].IndexOf((byte)'"');
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(revision, digits, out var length);
        return [.. value[..start], .. digits[..length], .. value[end..]];
    }
}
