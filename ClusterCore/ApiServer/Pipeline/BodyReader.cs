using System.Buffers;
using System.IO.Pipelines;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>Reads a request's body whole, up to upstream's limit.</summary>
internal static class BodyReader
{
    public const int Limit = 3 * 1024 * 1024;

    /// <summary>
    /// Upstream's limit on a request. A body that trickles would hold its place among the requests in flight, and that of others,
    /// as long as its sender likes.
    /// </summary>
    private static readonly TimeSpan longest = TimeSpan.FromMinutes(1);

    public static async ValueTask<byte[]> ReadAsync(HttpRequest request, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit) { throw Refusal.TooLarge(Limit); }
        // Most bodies are there whole with their head, and need no timer.
        if (request.BodyReader.TryRead(out var all) && Whole(request.BodyReader, all) is { } body) { return body; }
        using var late = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await SlowlyAsync(request.BodyReader, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Refusal.Timeout("request did not complete within the allotted timeout", 0);
        }
    }

    private static async ValueTask<byte[]> SlowlyAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Whole(reader, await reader.ReadAsync(cancellationToken)) is { } body) { return body; }
        }
    }

    /// <summary>The body if this is all of it.</summary>
    private static byte[]? Whole(PipeReader reader, ReadResult read)
    {
        if (read.Buffer.Length > Limit)
        {
            reader.AdvanceTo(read.Buffer.End);
            throw Refusal.TooLarge(Limit);
        }

        if (read.IsCompleted) { return Take(reader, read); }
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return null;
    }

    private static byte[] Take(PipeReader reader, ReadResult read)
    {
        var body = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return body;
    }
}
