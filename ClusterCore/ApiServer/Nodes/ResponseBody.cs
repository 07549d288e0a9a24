using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>The body behind a response's head: in chunks, as long as its length says, or up to the end (RFC 9112 §6.3 and §7.1).</summary>
internal sealed class ResponseBody(ResponseHead head, Stream stream)
{
    private const int LongestLine = 1024;

    private readonly byte[] buffer = new byte[4096];
    private ReadOnlyMemory<byte> unread = head.Rest;

    /// <exception cref="IOException">It ends too early, or its chunks are none.</exception>
    public async Task CopyToAsync(Stream target, CancellationToken cancellationToken)
    {
        if (head.Code is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) { return; }
        if (head.Chunked) { await CopyChunksAsync(target, cancellationToken); }
        else { await CopyAsync(target, head.ContentLength, cancellationToken); }
    }

    private async Task CopyChunksAsync(Stream target, CancellationToken cancellationToken)
    {
        while (await ChunkSizeAsync(cancellationToken) is > 0 and var size)
        {
            await CopyAsync(target, size, cancellationToken);
            await ReadLineAsync(cancellationToken);
        }
    }

    private async ValueTask<long> ChunkSizeAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        return long.TryParse(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) && size >= 0
            ? size
            : throw new IOException($"no chunk begins with \"{line}\"");
    }

    /// <param name="length">Null for all there is.</param>
    private async Task CopyAsync(Stream target, long? length, CancellationToken cancellationToken)
    {
        for (var left = length ?? long.MaxValue; left > 0;)
        {
            if (!await FillAsync(cancellationToken))
            {
                if (length is null) { return; }
                throw new IOException($"the answer ends {left} bytes too early");
            }

            var part = unread[..(int)Math.Min(left, unread.Length)];
            await target.WriteAsync(part, cancellationToken);
            unread = unread[part.Length..];
            left -= part.Length;
        }
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (line.Length < LongestLine && await FillAsync(cancellationToken))
        {
            var next = (char)unread.Span[0];
            unread = unread[1..];
            if (next == '\n') { return line.ToString().TrimEnd('\r'); }
            line.Append(next);
        }

        throw new IOException("a line of the answer does not end");
    }

    /// <summary>False at the end.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (unread.IsEmpty) { unread = buffer.AsMemory(0, await stream.ReadAsync(buffer, cancellationToken)); }
        return !unread.IsEmpty;
    }
}
