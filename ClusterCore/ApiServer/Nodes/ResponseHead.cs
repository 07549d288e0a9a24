using System.Text;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>The head of an HTTP/1.1 response, and the bytes that came with it (RFC 9112 §4).</summary>
internal sealed record ResponseHead(int Code, IReadOnlyDictionary<string, List<string>> Headers, ReadOnlyMemory<byte> Rest)
{
    public long? ContentLength => Headers.TryGetValue("Content-Length", out var values) && long.TryParse(values[0], out var length) ? length : null;

    public bool Chunked => Headers.TryGetValue("Transfer-Encoding", out var values) && values[^1].EndsWith("chunked", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null when the other side closed, or its head is none.</summary>
    public static async ValueTask<ResponseHead?> ReadAsync(Stream stream, int limit, CancellationToken cancellationToken)
    {
        var buffer = new byte[limit];
        var filled = 0;
        while (filled < limit)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0) { return null; }
            filled += read;
            var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0) { return Parse(Encoding.Latin1.GetString(buffer, 0, end), buffer.AsMemory((end + 4)..filled)); }
        }

        return null;
    }

    private static ResponseHead? Parse(string head, ReadOnlyMemory<byte> rest)
    {
        var lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not [_, var code, ..] || !int.TryParse(code, out var number)) { return null; }
        var headers = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0) { continue; }
            if (!headers.TryGetValue(line[..colon], out var values)) { headers[line[..colon]] = values = []; }
            values.Add(line[(colon + 1)..].Trim());
        }

        return new(number, headers, rest);
    }
}
