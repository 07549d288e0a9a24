using System.Globalization;
using System.Text;

namespace Flotilla.NodeAgent.Kubelet.Server.Logs;

/// <summary>
/// One line of a CRI log file: time, stream, tag and text, as in
/// <c>2026-11-21T01:02:03.123456789Z stdout F hello</c>; the tag P marks a part of a line that goes on.
/// </summary>
internal readonly ref struct LogLine
{
    private LogLine(ReadOnlySpan<byte> time, ReadOnlySpan<byte> stream, bool partial, ReadOnlySpan<byte> text)
    {
        Time = time;
        Stream = stream;
        Partial = partial;
        Text = text;
    }

    public ReadOnlySpan<byte> Time { get; }

    public ReadOnlySpan<byte> Stream { get; }

    public bool Partial { get; }

    /// <summary>Without the line's end.</summary>
    public ReadOnlySpan<byte> Text { get; }

    public static bool TryParse(ReadOnlySpan<byte> line, out LogLine parsed)
    {
        parsed = default;
        var first = line.IndexOf((byte)' ');
        if (first < 0)
        {
            return false;
        }

        var rest = line[(first + 1)..];
        var second = rest.IndexOf((byte)' ');
        if (second < 0 || second + 2 > rest.Length)
        {
            return false;
        }

        var tail = rest[(second + 1)..];
        var third = tail.IndexOf((byte)' ');
        var tag = third < 0 ? tail : tail[..third];
        var text = third < 0 ? [] : tail[(third + 1)..];
        parsed = new(line[..first], rest[..second], tag.StartsWith("P"u8), text);
        return true;
    }

    public bool IsSince(DateTimeOffset since) =>
        DateTimeOffset.TryParse(Encoding.ASCII.GetString(Time), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) && time >= since;
}
